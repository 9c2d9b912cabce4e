/** Status of pods as a kubelet writes it, as Go templates that kwok fills in. Source: pkg/kubelet/status/generate.go. */
import { imagesWith } from './behaviour.ts';

/** Container statuses by what happens to the containers at fault; the others run and are ready. */
export type Moment =
  | 'all-ready'
  /** Running, and nothing of it ready. */
  | 'none-ready'
  | 'started'
  | 'restarted'
  | 'backing-off'
  /** Ended, and not to be started again. */
  | 'ended'
  | 'pull-failed'
  | 'pull-backing-off';

const NOW = '{{ $now := Now }}{{ $pod := . }}';

/** The status of a pod that was just placed on a node. */
export function firstStatus(phase: 'Pending' | 'Running' | 'Failed', moment: Moment): string {
  return [
    NOW,
    conditions(moment === 'all-ready'),
    INIT_CONTAINERS,
    containers(moment),
    addresses(),
    `phase: ${phase}`,
    'startTime: {{ $now | Quote }}',
  ].join('\n');
}

/** What changes in a pod's status when its containers come to another moment. */
export function laterStatus(moment: Moment, phase?: 'Failed'): string {
  return [NOW, ...(moment === 'all-ready' ? [readiness(true)] : []), containers(moment), ...(phase ? [`phase: ${phase}`] : [])].join('\n');
}

function conditions(ready: boolean): string {
  return `conditions:
- type: PodReadyToStartContainers
  status: "True"
  lastTransitionTime: {{ $now | Quote }}
- type: Initialized
  status: "True"
  lastTransitionTime: {{ $now | Quote }}
{{ range .spec.readinessGates }}
- type: {{ .conditionType | Quote }}
  status: "True"
  lastTransitionTime: {{ $now | Quote }}
{{ end }}
${readyConditions(ready)}`;
}

function readiness(ready: boolean): string {
  return `conditions:\n${readyConditions(ready)}`;
}

function readyConditions(ready: boolean): string {
  const why = ready
    ? ['  reason: null', '  message: null']
    : [
        '  reason: ContainersNotReady',
        "  message: 'containers with unready status: [{{ range $i, $c := .spec.containers }}{{ if $i }} {{ end }}{{ $c.name }}{{ end }}]'",
      ];
  return ['ContainersReady', 'Ready']
    .flatMap((type) => [`- type: ${type}`, `  status: "${ready ? 'True' : 'False'}"`, '  lastTransitionTime: {{ $now | Quote }}', ...why])
    .join('\n');
}

/** Init containers have ended well; sidecars run. */
const INIT_CONTAINERS = `{{ if .spec.initContainers }}
initContainerStatuses:
{{ range .spec.initContainers }}
- name: {{ .name | Quote }}
  image: {{ .image | Quote }}
  imageID: ""
  ready: true
  restartCount: 0
  {{ if eq (or .restartPolicy "") "Always" }}
  started: true
  state: {running: {startedAt: {{ $now | Quote }}}}
  {{ else }}
  started: false
  state: {terminated: {exitCode: 0, reason: Completed, startedAt: {{ $now | Quote }}, finishedAt: {{ $now | Quote }}}}
  {{ end }}
{{ end }}
{{ end }}`;

function containers(moment: Moment): string {
  return `containerStatuses:
{{ range $index, $container := .spec.containers }}
{{ $before := dict }}
{{ if and $pod.status.containerStatuses (lt $index (len $pod.status.containerStatuses)) }}{{ $before = index $pod.status.containerStatuses $index }}{{ end }}
- name: {{ .name | Quote }}
  image: {{ .image | Quote }}
  imageID: ""
${momentOf(moment)}
{{ end }}`;
}

function momentOf(moment: Moment): string {
  switch (moment) {
    case 'all-ready':
      return `${running(true)}\n${restarts(0)}`;
    case 'none-ready':
      return `${running(false)}\n${restarts(0)}`;
    case 'started':
      return atFault(running(false), 0);
    case 'restarted':
      return atFault(`${running(false)}\n  lastState: {${ended()}}`, 1);
    case 'backing-off':
      return atFault(`${waiting('CrashLoopBackOff', CRASH_MESSAGE)}\n  lastState: {${ended()}}`, 0);
    case 'ended':
      return atFault(`  ready: false\n  started: false\n  state: {${ended()}}`, 0);
    case 'pull-failed':
      return `${waiting('ErrImagePull', PULL_ERROR)}\n${restarts(0)}`;
    case 'pull-backing-off':
      return `${waiting('ImagePullBackOff', `Back-off pulling image \\"{{ .image }}\\": ErrImagePull: ${PULL_ERROR}`)}\n${restarts(0)}`;
  }
}

const PULL_ERROR =
  'rpc error: code = NotFound desc = failed to pull and unpack image \\"{{ .image }}\\": failed to resolve reference \\"{{ .image }}\\": {{ .image }}: not found';

/** Before the first, second … restart; source: k8s.io/client-go util/flowcontrol/backoff.go, 10 s doubled up to 5 minutes. */
const BACK_OFFS = ['0s', '10s', '20s', '40s', '1m20s', '2m40s', '5m0s'];
const CRASH_MESSAGE = `back-off {{ index (list ${BACK_OFFS.map((delay) => JSON.stringify(delay)).join(' ')}) (min ${BACK_OFFS.length - 1} $before.restartCount) }} restarting failed container={{ .name }} pod={{ $pod.metadata.name }}_{{ $pod.metadata.namespace }}({{ $pod.metadata.uid }})`;

/** A jq expression on a pod: how long its crashing containers stay ended. */
export function crashBackOff(): string {
  const restarts = '[.status.containerStatuses[].restartCount] | max';
  return `${JSON.stringify(BACK_OFFS)}[[(${restarts}), ${BACK_OFFS.length - 1}] | min]`;
}

/** Of a container with a crashing image; the others run. */
function atFault(status: string, more: number): string {
  const crashing = imagesWith('crash-at-start').map((image) => JSON.stringify(image));
  return `  {{ if has .image (list ${crashing.join(' ')}) }}\n${status}\n${restarts(more)}\n  {{ else }}\n${running(true)}\n${restarts(0)}\n  {{ end }}`;
}

function running(ready: boolean): string {
  return `  ready: ${ready}\n  started: true\n  state: {running: {startedAt: {{ $now | Quote }}}}`;
}

function waiting(reason: string, message: string): string {
  return `  ready: false\n  started: false\n  state: {waiting: {reason: ${reason}, message: "${message}"}}`;
}

function ended(): string {
  return 'terminated: {exitCode: 1, reason: Error, startedAt: {{ $now | Quote }}, finishedAt: {{ $now | Quote }}}';
}

function restarts(more: number): string {
  return `  restartCount: {{ add (or $before.restartCount 0) ${more} }}`;
}

function addresses(): string {
  return `{{ with NodeIPsWith .spec.nodeName }}
hostIP: {{ index . 0 | Quote }}
hostIPs:
{{ range . }}
- ip: {{ . | Quote }}
{{ end }}
{{ end }}
{{ with PodIPsWith .spec.nodeName (or .spec.hostNetwork false) (or .metadata.uid "") (or .metadata.name "") (or .metadata.namespace "") }}
podIP: {{ index . 0 | Quote }}
podIPs:
{{ range . }}
- ip: {{ . | Quote }}
{{ end }}
{{ end }}`;
}
