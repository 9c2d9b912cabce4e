import { releaseNamed } from './releases.ts';

/** The image repositories that exist: name of the application by repository. */
export const REPOSITORIES: Readonly<Record<string, string>> = {
  'ghcr.io/ebb-dev/sample-saas-app': 'sample-saas-app',
  'ghcr.io/ebb-dev/billing-worker': 'billing-worker',
};

/**
 * What a registry would answer for an image reference.
 * @param image as in a pod's spec, `ghcr.io/ebb-dev/sample-saas-app:1.0.0`
 * @returns the application and its version; undefined where the registry has no such repository or tag. No tag means
 *   `latest`, which is never published, and no image was ever published under a digest that one could write down.
 */
export function releaseOf(image: string): { app: string; version: string } | undefined {
  const colon = image.lastIndexOf(':');
  if (colon < 0) return undefined;
  const repository = image.slice(0, colon);
  const version = image.slice(colon + 1);
  const app = Object.hasOwn(REPOSITORIES, repository) ? REPOSITORIES[repository] : undefined;
  if (!app || !releaseNamed(version)) return undefined;
  return { app, version };
}
