/** What makes going back unsafe. */
import type { ObjectRef } from '../../api/kube.ts';

export interface Hazard {
  /** PascalCase; what `--accept` takes. */
  name: string;
  /** `block`: refused unless accepted by name. `ask`: needs a yes. `warn`: told. */
  severity: 'block' | 'ask' | 'warn';
  /** What was seen. */
  evidence: string;
  /** What to do about it. */
  advice: string;
  object?: ObjectRef;
}
