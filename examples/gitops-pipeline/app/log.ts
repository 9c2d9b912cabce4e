/** Structured log lines: one JSON object a line on standard output, errors on standard error. */

export const LOG_LEVELS = ['debug', 'info', 'warn', 'error', 'fatal'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

export type Log = (level: LogLevel, message: string, fields?: Record<string, unknown>) => void;

/**
 * @param identity fields that every line carries
 * @param threshold lines below this level are dropped
 */
export function logTo(write: (line: string) => void, identity: Record<string, unknown>, threshold: LogLevel): Log {
  return (level, message, fields = {}) => {
    if (LOG_LEVELS.indexOf(level) < LOG_LEVELS.indexOf(threshold)) return;
    write(`${JSON.stringify({ time: new Date().toISOString(), level, msg: message, ...identity, ...fields })}\n`);
  };
}
