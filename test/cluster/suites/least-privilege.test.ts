/** Every verb of every rule that we ship is taken away in turn. */
import { grants } from '../../privilege/rules.ts';
import { describeLeastPrivilege } from '../../privilege/story.ts';

describeLeastPrivilege(grants());
