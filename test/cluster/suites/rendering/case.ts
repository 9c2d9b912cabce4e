import type { KustomizationSpec } from '../../../../src/api/flux.ts';
import type { KubeObject } from '../../../../src/api/kube.ts';

/** A file's text or bytes, or a symbolic link. */
export type CaseFile = string | Uint8Array | { link: string };

/** One Kustomization, built by the real controller and by Ebb from the same commit. */
export interface RenderingCase {
  /** Of its folder, its Kustomization and its namespace. */
  name: string;
  /** What is built, to be read after `renders`. */
  title: string;
  /** By path in the case's folder. */
  files: Record<string, CaseFile>;
  /** `path` is in the case's folder. Without `targetNamespace` the case's own namespace is that; `undefined` leaves it out. */
  spec?: Partial<KustomizationSpec> & { ignore?: unknown };
  /** What `substituteFrom` reads: put into the Kustomization's namespace. */
  live?: KubeObject[];
  /** A repository of its own, whose root the folder is, with `spec.ignore` where it is given. */
  alone?: { ignore?: string };
  /** How many objects are applied: so that nothing being nothing does not pass. One where absent. */
  count?: number;
}

/** One that the real controller refuses. */
export interface RefusedCase extends RenderingCase {
  /** What the controller's Ready condition says, the folder of its checkout left out. Ebb says the same, but for `ebb`. */
  message: RegExp;
  /** Where Ebb says it otherwise: what, and why. */
  ebb?: { says: RegExp; because: string };
}
