import type { ControllerContext } from '../controller.ts';
import type { EventRecorder } from '../recorder.ts';
import type { PodAddresses } from './addresses.ts';
import type { BackOff } from './back-off.ts';
import type { ImagePuller } from './image-puller.ts';
import type { LogFile } from './log-file.ts';
import type { Reaper } from './reaper.ts';

/** What all pods of the node share. */
export interface NodeRuntime extends ControllerContext {
  recorder: EventRecorder;
  puller: ImagePuller;
  /** Of containers that end, by `<pod uid>_<container>`. */
  crashes: BackOff;
  addresses: PodAddresses;
  reaper: Reaper;
  /** Of every run that can still be read, by container id. */
  logs: Map<string, LogFile>;
  /** Absolute folder of everything that is written. */
  folder: string;
}
