import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { comparisonSection, withComparison } from './page.ts';

const ROOT = resolve(import.meta.dirname, '../../..');
const section = comparisonSection(join(ROOT, 'test/cluster/modules'));

describe('the comparison in docs/reference/sandbox.md', () => {
  it('is what the list of differences says (npm run conformance writes it)', () => {
    const page = readFileSync(join(ROOT, 'docs/reference/sandbox.md'), 'utf8');
    expect(page).toBe(withComparison(page, section));
  });

  it('names the versions that were compared', () => {
    expect(section).toMatch(/Kubernetes \d+\.\d+\.\d+, source-controller \d+\.\d+\.\d+/);
  });

  it('is put in the place of the one before it', () => {
    const page = `# Page\n\n${section.replace('Compared', 'Once compared')}\n\n## More\n`;
    expect(withComparison(page, section)).toBe(`# Page\n\n${section}\n\n## More\n`);
    expect(withComparison('# Page\n', section)).toBe(`# Page\n\n${section}\n`);
  });
});
