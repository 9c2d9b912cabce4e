/** The table of docs/how-to/least-privilege.md is that of the files in deploy/. `npx vitest run test/privilege -u` writes it anew. */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { type Grant, grants } from './rules.ts';

const PAGE = fileURLToPath(new URL('../../docs/how-to/least-privilege.md', import.meta.url));
const [BEGIN, END] = ['<!-- rules -->\n', '<!-- /rules -->'] as const;

describe('what Ebb is allowed', () => {
  it('is in the documentation, rule by rule', async () => {
    const page = readFileSync(PAGE, 'utf8');
    const [before, rest = ''] = page.split(BEGIN) as [string, string?];
    const [, after = ''] = rest.split(END);
    await expect(`${before}${BEGIN}\n${tableOf(grants())}\n\n${END}${after}`).toMatchFileSnapshot(PAGE);
  });

  it('is said once: a verb on a resource stands in one role', () => {
    const all = grants().map(({ verb, group, resource, role }) => `${verb} ${resource}.${group} ${role.namespace ?? ''}`);
    expect(all.filter((one, index) => all.indexOf(one) !== index)).toEqual([]);
  });

  it('has no wildcard, no Secret but the one that is named, and no way around RBAC', () => {
    const risky = grants().filter(
      ({ verb, group, resource }) => [verb, group, resource].includes('*') || ['escalate', 'bind', 'impersonate'].includes(verb),
    );
    expect(risky).toEqual([]);
    const secrets = grants().filter(({ resource }) => resource === 'secrets');
    expect(secrets.map(({ file, verb, role, index }) => [file, verb, role.rules[index]?.resourceNames])).toEqual([
      ['deploy/rbac-git-secret.yaml', 'get', ['flux-system']],
    ]);
  });
});

function tableOf(all: readonly Grant[]): string {
  const rows = new Map<string, string[]>();
  for (const { role, index, verb, group, resource, commands, why } of all) {
    const key = `${role.name} ${index} ${verb}`;
    const [name, , resources, ...rest] = rows.get(key) ?? [`\`${role.name}\``, verb, '', commands.join(', '), why];
    rows.set(key, [name as string, verb, [resources, `${resource}${group ? `.${group}` : ''}`].filter(Boolean).join(', '), ...rest]);
  }
  const head = ['role', 'verb', 'resources', 'commands', 'what for'];
  return [head, head.map(() => '---'), ...rows.values()].map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}
