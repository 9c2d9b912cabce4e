/** The rules that we ship, taken apart: every verb on every resource, with the commands that its comment says need it. */
import { readFileSync } from 'node:fs';
import { isMap, parseAllDocuments, YAMLSeq } from 'yaml';

export interface Rule {
  apiGroups: string[];
  resources: string[];
  verbs: string[];
  resourceNames?: string[];
}

export interface Role {
  kind: 'Role' | 'ClusterRole';
  name: string;
  namespace?: string;
  rules: Rule[];
}

/** One verb on one resource, as one rule of one role grants it. */
export interface Grant {
  /** The file, from the root. */
  file: string;
  role: Role;
  /** Index of the rule in its role. */
  index: number;
  verb: string;
  group: string;
  resource: string;
  /** As the comment names them: `status TARGET`, `rollback`. */
  commands: string[];
  /** What for. */
  why: string;
}

export const FILES = ['deploy/rbac.yaml', 'deploy/rbac-git-secret.yaml'];
const ROOT = new URL('../../', import.meta.url);
/** `get: history, rollback - the target` */
const LINE = /^\s?(\w+): (.+?) - (.+)$/;

/** Every grant of the files. @throws where a verb has no comment line of its own, or a line has no verb. */
export function grants(): Grant[] {
  return FILES.flatMap((file) =>
    parseAllDocuments(readFileSync(new URL(file, ROOT), 'utf8')).flatMap((document) => grantsIn(file, document)),
  );
}

type Document = ReturnType<typeof parseAllDocuments>[number];

function grantsIn(file: string, document: Document): Grant[] {
  const rules = document.get('rules');
  if (!(rules instanceof YAMLSeq)) return [];
  const {
    kind,
    metadata,
    rules: plain,
  } = document.toJS() as { kind: Role['kind']; metadata: { name: string; namespace?: string }; rules: Rule[] };
  const role: Role = { kind, ...metadata, rules: plain };
  return plain.flatMap((rule, index) => {
    const item: unknown = rules.items[index];
    const comment = isMap(item) ? (item.commentBefore ?? (index === 0 ? rules.commentBefore : '')) : '';
    const lines = linesOf(comment ?? '');
    const where = `${file}, ${role.name}, rule ${index + 1}`;
    const spare = [...lines.keys()].find((verb) => !rule.verbs.includes(verb));
    if (spare) throw new Error(`${where}: the comment speaks of ${spare}, which the rule does not have`);
    return rule.verbs.flatMap((verb) => {
      const told = lines.get(verb);
      if (!told) throw new Error(`${where}: no line "# ${verb}: COMMAND, COMMAND - what for"`);
      return rule.apiGroups.flatMap((group) => rule.resources.map((resource) => ({ file, role, index, verb, group, resource, ...told })));
    });
  });
}

/** Verb → its line. A line that begins with spaces goes on with the one before. */
function linesOf(comment: string): Map<string, Pick<Grant, 'commands' | 'why'>> {
  const whole = comment.replace(/\n {2,}/g, ' ').split('\n');
  return new Map(
    whole.flatMap((line) => {
      const [, verb, commands, why] = LINE.exec(line) ?? [];
      return verb && commands && why ? [[verb, { commands: commands.split(', '), why }] as const] : [];
    }),
  );
}

/** The role's rules without one grant. */
export function rulesWithout({ role, index, verb, resource }: Grant): Rule[] {
  return role.rules.flatMap((rule, at) => {
    if (at !== index) return [rule];
    const rest = { ...rule, resources: rule.resources.filter((other) => other !== resource) };
    const less = { ...rule, resources: [resource], verbs: rule.verbs.filter((other) => other !== verb) };
    return [rest, less].filter(({ resources, verbs }) => resources.length > 0 && verbs.length > 0);
  });
}
