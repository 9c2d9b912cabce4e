/** Git configuration for one command, as `[key, value]`; later entries win, or add to keys that hold several values. */
export type GitConfig = readonly (readonly [key: string, value: string])[];

/** What the caller's environment may say about TLS, SSH and where the configuration lies; the rest of `GIT_*` is cleared. */
const KEPT = new Set([
  'GIT_EXEC_PATH',
  'GIT_CONFIG_GLOBAL',
  'GIT_CONFIG_SYSTEM',
  'GIT_CONFIG_NOSYSTEM',
  'GIT_SSH',
  'GIT_SSH_COMMAND',
  'GIT_SSH_VARIANT',
  'GIT_SSL_CAINFO',
  'GIT_SSL_CAPATH',
  'GIT_SSL_CERT',
  'GIT_SSL_KEY',
  'GIT_SSL_NO_VERIFY',
  'GIT_PROXY_SSL_CAINFO',
]);
const DROPPED = new Set(['SSH_ASKPASS', 'SSH_ASKPASS_REQUIRE', 'LANGUAGE', 'PAGER', 'EDITOR', 'VISUAL']);

/** Set over the configuration of user and machine, so that results are the same everywhere and nothing of theirs runs. */
const FIXED: GitConfig = [
  ['core.hooksPath', '/dev/null'],
  ['core.askPass', ''],
  ['core.fsmonitor', 'false'],
  ['core.attributesFile', '/dev/null'],
  ['core.quotePath', 'false'],
  ['color.ui', 'false'],
  ['gc.auto', '0'],
  ['maintenance.auto', 'false'],
  ['fetch.writeCommitGraph', 'false'],
  ['fetch.parallel', '1'],
  ['advice.pushUpdateRejected', 'false'],
  ['push.gpgSign', 'false'],
  ['submodule.recurse', 'false'],
  ['i18n.commitEncoding', 'UTF-8'],
  ['i18n.logOutputEncoding', 'UTF-8'],
  ['log.showSignature', 'false'],
  ['log.mailmap', 'false'],
  ['diff.renames', 'true'],
  ['diff.orderFile', '/dev/null'],
  ['merge.renames', 'true'],
  ['merge.directoryRenames', 'conflict'],
  ['merge.renormalize', 'false'],
  ['http.lowSpeedLimit', '1'],
  ['http.lowSpeedTime', '30'],
];

/**
 * The environment of a git process: the caller's, without what could point git elsewhere, make it ask or page, or speak
 * another language; `config` goes in as `GIT_CONFIG_COUNT`, so that no value of it is seen in a process list.
 */
export function gitEnvironment(config: GitConfig = [], extra: Record<string, string> = {}): NodeJS.ProcessEnv {
  const environment: NodeJS.ProcessEnv = {};
  for (const [name, value] of Object.entries(process.env)) {
    if (DROPPED.has(name) || (name.startsWith('GIT_') && !KEPT.has(name))) continue;
    environment[name] = value;
  }
  return {
    ...environment,
    LC_ALL: 'C',
    GIT_TERMINAL_PROMPT: '0',
    GIT_PAGER: 'cat',
    GIT_EDITOR: 'false',
    GIT_OPTIONAL_LOCKS: '0',
    GIT_NO_REPLACE_OBJECTS: '1',
    GIT_LITERAL_PATHSPECS: '1',
    GIT_ALLOW_PROTOCOL: 'file:http:https:ssh',
    ...configVariables([...FIXED, ...config]),
    ...extra,
  };
}

function configVariables(config: GitConfig): Record<string, string> {
  const variables: Record<string, string> = { GIT_CONFIG_COUNT: String(config.length) };
  config.forEach(([key, value], index) => {
    variables[`GIT_CONFIG_KEY_${index}`] = key;
    variables[`GIT_CONFIG_VALUE_${index}`] = value;
  });
  return variables;
}
