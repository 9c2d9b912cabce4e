/** Events of both groups. Source: k8s.io/api core/v1/types.go, events/v1/types.go. */
import { kind } from './object.ts';
import { objectReference } from './references.ts';
import { held, integers, strings, struct, time } from './vocabulary.ts';

const eventSeries = struct({ ...integers('count'), lastObservedTime: time });

const eventSource = struct({ ...strings('component host') });

export const event = kind({
  ...strings('action message reason reportingComponent reportingInstance type'),
  ...integers('count'),
  eventTime: time,
  firstTimestamp: time,
  involvedObject: held(objectReference),
  lastTimestamp: time,
  related: objectReference,
  series: eventSeries,
  source: held(eventSource),
});

const newEventSeries = struct({ ...integers('count'), lastObservedTime: time }, { required: 'count lastObservedTime' });

export const newEvent = kind({
  ...strings('action note reason reportingController reportingInstance type'),
  ...integers('deprecatedCount'),
  deprecatedFirstTimestamp: time,
  deprecatedLastTimestamp: time,
  deprecatedSource: held(eventSource),
  eventTime: time,
  regarding: held(objectReference),
  related: objectReference,
  series: newEventSeries,
});
