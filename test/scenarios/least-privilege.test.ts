/** On the sandbox one grant of each kind; the real control plane tries them all (test/cluster/suites). */
import { describe, it } from 'vitest';
import { grants } from '../privilege/rules.ts';
import { describeLeastPrivilege } from '../privilege/story.ts';
import { STAGE } from './stage/kind.ts';

const SAMPLE = [
  'list pods',
  'get pods/log',
  'list events',
  'patch kustomizations',
  'create gitrepositories',
  'create events',
  'get secrets',
];

if (STAGE === 'sandbox') {
  describeLeastPrivilege(grants().filter(({ verb, resource }) => SAMPLE.includes(`${verb} ${resource}`)));
} else {
  describe.skip('the roles in deploy/', () => {
    it('are tried in test/cluster/suites/least-privilege.test.ts', () => undefined);
  });
}
