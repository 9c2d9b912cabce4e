/** Set by the build from package.json. */
declare const EBB_VERSION: string | undefined;
export const VERSION: string = typeof EBB_VERSION === 'string' ? EBB_VERSION : '0.0.0-dev';
