import { describe, expect, it } from 'vitest';
import { refusalIn, remediesFor, shortened } from './refusal.ts';

/** As kube-apiserver 1.36 says it, by way of kustomize-controller or of a workload's controller. */
const SAID: Record<string, { message: string; reason: string; text: string }> = {
  'a selector': {
    message:
      'Deployment/x/web dry-run failed (Invalid): Deployment.apps "web" is invalid: spec.selector: Invalid value: {"matchLabels":{"app":"web2"}}: field is immutable\n',
    reason: 'ImmutableField',
    text: 'spec.selector of what is there cannot be changed: field is immutable',
  },
  'the template of a Job, with its whole spec': {
    message:
      'Job/x/once dry-run failed (Invalid): Job.batch "once" is invalid: spec.template: Invalid value: {"labels":{"job-name":"once"},"Spec":{"Containers":[{"Command":["sh","-c","echo \\"}\\""]}]}}: field is immutable\n',
    reason: 'ImmutableField',
    text: 'spec.template of what is there cannot be changed: field is immutable',
  },
  'the claims of a StatefulSet': {
    message:
      "StatefulSet/x/db dry-run failed (Invalid): StatefulSet.apps \"db\" is invalid: spec: Forbidden: updates to statefulset spec for fields other than 'replicas', 'ordinals' and 'minReadySeconds' are forbidden\n",
    reason: 'ImmutableField',
    text: 'spec of what is there cannot be changed: only replicas, ordinals, template, updateStrategy and a few others of a StatefulSet may change',
  },
  'an immutable ConfigMap': {
    message:
      'ConfigMap/x/settings dry-run failed (Invalid): ConfigMap "settings" is invalid: data: Forbidden: field is immutable when `immutable` is set',
    reason: 'ImmutableField',
    text: 'data of what is there cannot be changed: field is immutable when `immutable` is set',
  },
  'a webhook that denies': {
    message: 'Deployment/x/web dry-run failed: admission webhook "signed.example.com" denied the request: images must be signed\n',
    reason: 'WebhookDenied',
    text: 'webhook signed.example.com refuses it: images must be signed',
  },
  'a webhook that does not answer': {
    message:
      'Deployment/x/web dry-run failed (InternalError): Internal error occurred: failed calling webhook "gone.example.com": failed to call webhook: Post "https://127.0.0.1:9444/v?timeout=3s": dial tcp 127.0.0.1:9444: connect: connection refused\n',
    reason: 'WebhookUnreachable',
    text: 'webhook gone.example.com cannot be asked: Post "https://127.0.0.1:9444/v?timeout=3s": dial tcp 127.0.0.1:9444: connect: connection refused',
  },
  'a policy': {
    message:
      "Deployment/x/web dry-run failed (Invalid): deployments.apps \"web\" is forbidden: ValidatingAdmissionPolicy 'few-replicas' with binding 'few-replicas-in-x' denied request: at most one replica here\n",
    reason: 'PolicyDenied',
    text: 'ValidatingAdmissionPolicy few-replicas (binding few-replicas-in-x) refuses it: at most one replica here',
  },
  'a quota that is used up': {
    message:
      'Deployment/x/two dry-run failed (Forbidden): deployments.apps "two" is forbidden: exceeded quota: few, requested: count/deployments.apps=1, used: count/deployments.apps=1, limited: count/deployments.apps=1\n',
    reason: 'QuotaExceeded',
    text: 'ResourceQuota few is used up: requested: count/deployments.apps=1, used: count/deployments.apps=1, limited: count/deployments.apps=1',
  },
  'a quota on what a pod does not ask for': {
    message: 'pods "web-86787b9975-rkl5h" is forbidden: failed quota: memory: must specify limits.cpu for: app',
    reason: 'QuotaAsksForMore',
    text: 'ResourceQuota memory: must specify limits.cpu for: app',
  },
  'a LimitRange': {
    message: 'pods "web-66b4bc67fd-2w4hg" is forbidden: maximum memory usage per Container is 100Mi, but limit is 128Mi',
    reason: 'LimitRange',
    text: 'a LimitRange refuses it: maximum memory usage per Container is 100Mi, but limit is 128Mi',
  },
  PodSecurity: {
    message:
      'pods "web-85ccb84cd9-xtbw6" is forbidden: violates PodSecurity "restricted:latest": allowPrivilegeEscalation != false (container "app" must set securityContext.allowPrivilegeEscalation=false)',
    reason: 'PodSecurity',
    text: 'PodSecurity restricted:latest refuses it: allowPrivilegeEscalation != false (container "app" must set securityContext.allowPrivilegeEscalation=false)',
  },
};

describe('what the API server says when it refuses', () => {
  it.each(Object.entries(SAID))('%s is known by name', (_, { message, reason, text }) => {
    expect(refusalIn(message)).toMatchObject({ reason, message: text });
  });

  it('what fails for another reason is no refusal', () => {
    for (const message of [
      "health check failed after 30s: timeout waiting for: [Deployment/x/web status: 'InProgress']",
      'Deployment.apps "web" is invalid: spec.replicas: Invalid value: -1: must be greater than or equal to 0',
      'no matches for kind "Widget" in version "example.com/v1"',
    ])
      expect(refusalIn(message)).toBeUndefined();
  });

  it('only what may pass by itself says so', () => {
    const passing = Object.values(SAID).filter(({ message }) => refusalIn(message)?.passing);
    expect(passing.map(({ reason }) => reason)).toEqual(['WebhookUnreachable', 'QuotaExceeded']);
  });

  it('a name that no object can have is not put into a command', () => {
    expect(refusalIn('admission webhook "a\'; rm -rf /" denied the request: no')).toBeUndefined();
    const refusal = refusalIn(SAID['a quota that is used up']?.message ?? '');
    expect(refusal && remediesFor(refusal, 'x')).toEqual(['kubectl edit resourcequota few -n x']);
  });

  it('whole specs are left out, whatever is in them', () => {
    expect(shortened('a: Invalid value: {"b":"}","c":{"d":"\\"{"}}: no; e: Invalid value: {}: no')).toBe(
      'a: Invalid value: {…}: no; e: Invalid value: {…}: no',
    );
    expect(shortened('a: Invalid value: {"b":')).toBe('a: Invalid value: {"b":');
  });
});
