import { ensurePrograms } from '../build/programs.ts';

/** The folder with the programs. @throws where they cannot be built here. */
export async function programsFolder(): Promise<string> {
  const { folder, unavailable } = await ensurePrograms();
  if (folder === undefined) throw new Error(`there is no control plane to start: ${unavailable.why}; ${unavailable.remedy}`);
  return folder;
}
