/** What an image is in the sandbox: a program of this machine. */

export interface Program {
  /** The entry point: an executable and its first arguments; never run by a shell. */
  command: string[];
  /** Environment that the image itself brings; the container's own variables win over it. */
  env?: Record<string, string>;
}

/** The registry of the sandbox. */
export interface ImageStore {
  /** The program behind an image reference; undefined where the registry has no such image. */
  resolve(image: string): Program | undefined;
}
