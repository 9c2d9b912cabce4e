/** The registry of the example: images that exist, each run as a real process of the sample application. */
import { releaseOf } from '../../examples/gitops-pipeline/app/images.ts';
import type { ImageStore } from '../sandbox/workloads/images.ts';
import { sampleApp } from './assets.ts';

export function exampleRegistry(): ImageStore {
  const program = sampleApp();
  return {
    resolve: (image) => {
      const release = releaseOf(image);
      if (!release) return undefined;
      return { command: [process.execPath, program], env: { APP_VERSION: release.version, APP_NAME: release.app } };
    },
  };
}
