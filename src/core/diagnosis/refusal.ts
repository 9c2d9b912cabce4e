/**
 * Why the API server takes an object or a change of it not: who refuses, and by which name it is known. Read from the words in
 * which the API server says it, which Flux (`Deployment/ns/name dry-run failed (Invalid): …`) and the workload controllers
 * (`Error creating: …`) hand on as they are.
 */

export interface Refusal {
  /** PascalCase. */
  reason:
    | 'ImmutableField'
    | 'WebhookDenied'
    | 'WebhookUnreachable'
    | 'PolicyDenied'
    | 'QuotaExceeded'
    | 'QuotaAsksForMore'
    | 'LimitRange'
    | 'PodSecurity';
  /** What refuses: `ResourceQuota few`, `webhook signed.example.com`; for an immutable field the field. */
  by: string;
  /** One line, without what is long in the API server's message (whole specs). */
  message: string;
  /** It may pass by itself: a webhook gets reachable, a quota is freed as other pods go. Nothing else changes by waiting. */
  passing?: true;
  /** The name alone, for commands. */
  name?: string;
}

/** @param message of a condition or an Event. @returns undefined where nothing is refused, or for another reason. */
export function refusalIn(message: string): Refusal | undefined {
  for (const read of READERS) {
    const refusal = read(message);
    if (refusal) return refusal;
  }
  return undefined;
}

type Reader = (message: string) => Refusal | undefined;

/** apiserver pkg/admission/plugin/webhook/errors/statuserror.go (ToStatusErr). */
const denied: Reader = (message) => {
  const [, name = '', why = ''] =
    /admission webhook "([\w.-]+)" denied the request(?:: ([^\n]*)| without explanation)?/.exec(message) ?? [];
  return name ? { reason: 'WebhookDenied', by: `webhook ${name}`, name, message: `webhook ${name} refuses it${after(why)}` } : undefined;
};

/** apiserver pkg/admission/plugin/webhook/generic: ErrCallingWebhook; what follows is the error of the connection. */
const unreachable: Reader = (message) => {
  const [, name = '', why = ''] = /failed calling webhook "([\w.-]+)": (?:failed to call webhook: )?([^\n]*)/.exec(message) ?? [];
  if (!name) return undefined;
  return {
    reason: 'WebhookUnreachable',
    by: `webhook ${name}`,
    name,
    message: `webhook ${name} cannot be asked${after(why)}`,
    passing: true,
  };
};

/** apiserver pkg/admission/plugin/policy/validating/dispatcher.go. */
const policy: Reader = (message) => {
  const [, name = '', binding = '', why = ''] =
    /ValidatingAdmissionPolicy '([\w.-]+)' with binding '([\w.-]+)' denied request: ([^\n]*)/.exec(message) ?? [];
  if (!name) return undefined;
  const text = `ValidatingAdmissionPolicy ${name} (binding ${binding}) refuses it${after(why)}`;
  return { reason: 'PolicyDenied', by: `ValidatingAdmissionPolicy ${name}`, name, message: text };
};

/** apiserver pkg/admission/plugin/resourcequota/controller.go (CheckRequest). */
const quota: Reader = (message) => {
  const [, name = '', numbers = ''] = /exceeded quota: ([\w.-]+), ([^\n]*)/.exec(message) ?? [];
  if (!name) return undefined;
  return {
    reason: 'QuotaExceeded',
    by: `ResourceQuota ${name}`,
    name,
    message: `ResourceQuota ${name} is used up: ${numbers.trim()}`,
    passing: true,
  };
};

/** The same: a quota on a resource has every pod ask for it. */
const unasked: Reader = (message) => {
  const [, name = '', what = ''] = /failed quota: ([\w.-]+): ([^\n]*)/.exec(message) ?? [];
  return name
    ? { reason: 'QuotaAsksForMore', by: `ResourceQuota ${name}`, name, message: `ResourceQuota ${name}: ${what.trim()}` }
    : undefined;
};

/** plugin/pkg/admission/limitranger/admission.go: it does not name the LimitRange. */
const limits: Reader = (message) => {
  const [text] =
    /(?:minimum|maximum) \S+ usage per (?:Container|Pod|PersistentVolumeClaim) is [^\n\]]*|\S+ max limit to request ratio per (?:Container|Pod) is [^\n\]]*/.exec(
      message,
    ) ?? [];
  return text ? { reason: 'LimitRange', by: 'a LimitRange', message: `a LimitRange refuses it: ${text.trim()}` } : undefined;
};

/** pod-security-admission admission/admission.go. */
const podSecurity: Reader = (message) => {
  const [, level = '', why = ''] = /violates PodSecurity "([\w.:-]+)": ([^\n]*)/.exec(message) ?? [];
  return level
    ? { reason: 'PodSecurity', by: `PodSecurity ${level}`, name: level, message: `PodSecurity ${level} refuses it${after(why)}` }
    : undefined;
};

/** The Validate…Update functions of kubernetes pkg/apis: apimachinery ValidateImmutableField, and words of their own. */
const immutable: Reader = (message) => {
  const text = shortened(message);
  const set = /spec: Forbidden: updates to statefulset spec for fields other than [^\n]*/.test(text);
  if (set) return immutableField('spec', 'only replicas, ordinals, template, updateStrategy and a few others of a StatefulSet may change');
  const claim = /spec: Forbidden: spec is immutable after creation[^\n]*/.test(text);
  if (claim) return immutableField('spec', 'the spec of a claim keeps what it is, but for the size that it requests');
  const [, field = '', why = ''] =
    /(?:^|[\s[])([a-zA-Z][\w.[\]/-]*): (?:Invalid value|Forbidden)[^\n]*?: (field is immutable[^\n,\]]*|cannot change roleRef|may not change once set)/.exec(
      text,
    ) ?? [];
  if (field) return immutableField(field, why);
  const [, kept = ''] = /(?:^|[\s[])([a-zA-Z][\w.[\]/-]*): Forbidden: field is immutable when `immutable` is set/.exec(text) ?? [];
  return kept ? immutableField(kept, 'the object says of itself that it is immutable') : undefined;
};

function immutableField(field: string, why: string): Refusal {
  return { reason: 'ImmutableField', by: field, name: field, message: `${field} of what is there cannot be changed${after(why)}` };
}

const READERS: readonly Reader[] = [denied, unreachable, policy, quota, unasked, podSecurity, immutable, limits];

function after(why: string | undefined): string {
  const text = why?.trim() ?? '';
  return text === '' ? '' : `: ${text}`;
}

/** Whole objects in `Invalid value: {…}` left out: nobody reads them, and they hide what follows. */
export function shortened(message: string): string {
  const start = message.indexOf('Invalid value: {');
  if (start < 0) return message;
  const open = start + 'Invalid value: '.length;
  const end = closing(message, open);
  return end < 0 ? message : `${message.slice(0, open)}{…}${shortened(message.slice(end + 1))}`;
}

/** Index of the brace that closes the one at `open`, by counting, with text in quotes passed over. */
function closing(text: string, open: number): number {
  let depth = 0;
  for (let index = open, quoted = false; index < text.length; index++) {
    const char = text[index];
    if (char === '\\' && quoted) index++;
    else if (char === '"') quoted = !quoted;
    else if (!quoted && char === '{') depth++;
    else if (!quoted && char === '}' && --depth === 0) return index;
  }
  return -1;
}

/** What lets it through; the first is for whoever may change what refuses. Empty where it depends on the object (immutable fields). */
export function remediesFor({ reason, name }: Refusal, namespace: string | undefined): string[] {
  const within = namespace === undefined ? '' : ` -n ${namespace}`;
  switch (reason) {
    case 'WebhookDenied':
    case 'WebhookUnreachable':
      return [webhookCommand(name ?? '')];
    case 'PolicyDenied':
      return [`kubectl get validatingadmissionpolicy ${name} -o yaml`];
    case 'QuotaExceeded':
    case 'QuotaAsksForMore':
      return [`kubectl edit resourcequota ${name}${within}`];
    case 'LimitRange':
      return [`kubectl describe limitrange${within}`];
    case 'PodSecurity':
      return [`kubectl get namespace ${namespace} --show-labels`];
    case 'ImmutableField':
      return [];
  }
}

/** The message has the webhook's name, not that of the configuration that it is in. */
function webhookCommand(name: string): string {
  return `kubectl get validatingwebhookconfigurations,mutatingwebhookconfigurations -o jsonpath='{range .items[?(@.webhooks[*].name=="${name}")]}{.kind}/{.metadata.name}{"\\n"}{end}'`;
}
