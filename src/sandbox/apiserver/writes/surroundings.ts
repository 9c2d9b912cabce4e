import type { Surroundings } from '../admission/preparation.ts';
import type { State } from '../storage/state.ts';

/** What admission looks at beside the object itself. */
export function surroundingsOf(state: State): Surroundings {
  return { now: state.now(), services: () => state.objects.list('services') };
}
