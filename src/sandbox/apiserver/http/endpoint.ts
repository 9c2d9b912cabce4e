import type { PodLogs, Routes } from '../../cluster.ts';
import type { Resource } from '../kinds/resource.ts';
import type { State } from '../storage/state.ts';
import type { Exchange } from './exchange.ts';
import type { ResourceTarget } from './target.ts';

/** What the handlers of resources work on. */
export interface Service {
  state: State;
  logs: PodLogs | undefined;
  routes: Routes | undefined;
  /** Aborted when the server stops: ends watches and followed logs. */
  stopping: AbortSignal;
}

/** One request for a resource that is served. */
export interface ResourceCall {
  service: Service;
  exchange: Exchange;
  target: ResourceTarget;
  resource: Resource;
}
