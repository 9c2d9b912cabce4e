/** What clients see on the sandbox is what they see on the real control plane, but for what docs/reference/sandbox.md lists. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { outlived, unaccepted } from '../conformance/accepted.ts';
import { type Beds, openBeds } from '../conformance/beds.ts';
import { type Difference, differencesOf } from '../conformance/compare.ts';
import { type Story, tell } from '../conformance/scene.ts';
import { STORIES } from '../conformance/stories/all.ts';

const MINUTES = 60_000;
const seen: Difference[] = [];
const told = new Set<string>();

function compares(stories: readonly Story[], featureGates: { cancelHealthCheckOnNewRevision?: boolean }): void {
  let beds: Beds;
  beforeAll(async () => {
    beds = await openBeds(featureGates);
  });
  afterAll(() => beds?.close());

  it.concurrent.each(stories.map((story) => [story.title, story] as const))(
    '%s',
    async (_title, story) => {
      const [sandbox, real] = await Promise.all([tell(story, beds.sandbox), tell(story, beds.real)]);
      const differences = differencesOf(story.name, sandbox, real);
      seen.push(...differences);
      told.add(story.name);
      expect(unaccepted(differences)).toEqual([]);
    },
    15 * MINUTES,
  );
}

describe('the sandbox and the real control plane tell the same story of', () => {
  const [gated, others] = [STORIES.filter(({ gate }) => gate), STORIES.filter(({ gate }) => !gate)];
  describe('the defaults of Flux:', () => compares(others, {}));
  describe('CancelHealthCheckOnNewRevision:', () => compares(gated, { cancelHealthCheckOnNewRevision: true }));
});

describe('the differences that docs/reference/sandbox.md lists', () => {
  it('are all still there', (context) => {
    // With a filter not every story is told, and nothing can be said.
    if (told.size < STORIES.length) context.skip();
    expect(outlived(seen).map(({ what }) => what)).toEqual([]);
  });
});
