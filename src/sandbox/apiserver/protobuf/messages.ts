/**
 * The protobuf messages of the built-in kinds: which field has which number and type. client-go's typed clients (kubectl
 * create, kubectl auth can-i) send their bodies so. Source: the field numbers of k8s.io/api …/generated.proto.
 *
 * Notation: `Message: field=number:type …`. Types: none or `s` string, `i` integer, `b` boolean, `f` double, `y` bytes,
 * `Q` quantity, `O` int-or-string, `T` time, `M` time with microseconds, `D` duration, `R` embedded JSON, else a message.
 * Marks before the type: `*` optional even where it is zero, `[]` list, `{}` map from strings. A field `^` has no name: its
 * message's fields belong to the parent.
 */
import { CORE_MESSAGES } from './core-messages.ts';
import { GROUP_MESSAGES } from './group-messages.ts';
import { POD_MESSAGES } from './pod-messages.ts';
import { VOLUME_MESSAGES } from './volume-messages.ts';

export interface MessageField {
  name: string;
  inline: boolean;
  pointer: boolean;
  repeated: boolean;
  map: boolean;
  type: string;
}

export type Message = ReadonlyMap<number, MessageField>;

/** Every message by its name. */
function parseMessages(text: string): Map<string, Message> {
  const messages = new Map<string, Message>();
  for (const entry of text.trim().split(/\n(?! )/)) {
    const [name = '', ...fields] = entry.split(/:\s+|\s+/);
    messages.set(name, new Map(fields.filter(Boolean).map(parseField)));
  }
  return messages;
}

function parseField(text: string): [number, MessageField] {
  const [, name = '', number, marks = '', type = 's'] = /^([^=]+)=(\d+)(?::([*[\]{}]*)(.*))?$/.exec(text) ?? [];
  const field = {
    name,
    inline: name === '^',
    pointer: marks.includes('*'),
    repeated: marks.includes('[]'),
    map: marks.includes('{}'),
    type: type || 's',
  };
  return [Number(number), field];
}

let parsed: Map<string, Message> | undefined;

/** The messages of all built-in kinds; parsed at the first use. */
export function builtinMessages(): ReadonlyMap<string, Message> {
  parsed ??= parseMessages([POD_MESSAGES, VOLUME_MESSAGES, CORE_MESSAGES, GROUP_MESSAGES].map((text) => text.trim()).join('\n'));
  return parsed;
}
