import { type BuildEngine, type BuildResult, relativeTo } from './build-engine.ts';
import { EngineEnded, GoProcess, type GoRequest } from './go-process.ts';

/** The directory that files seem to be in; it exists in the memory of the program alone. */
const ROOT = '/ebb-files';

/** The smallest build that makes kustomize load its schemas: it merges a patch. */
const SMALLEST = {
  'kustomization.yaml': 'resources: [deployment.yaml]\npatches: [{path: patch.yaml}]\n',
  'deployment.yaml': 'apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: warm-up}\n',
  'patch.yaml': 'apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: warm-up}\nspec: {replicas: 1}\n',
};

/** How long one build may take, in milliseconds. */
const BUILD_WITHIN = 120_000;

/**
 * kustomize as a library, in one long-lived process that is started with the first build. When it ends in the middle
 * of builds it is started once more for each of them, one at a time, so that one that kills it fails alone.
 */
export class GoEngine implements BuildEngine {
  readonly name: string;
  readonly #program: string;
  readonly #buildWithin: number;
  #process: GoProcess | undefined;
  #retries: Promise<unknown> = Promise.resolve();

  constructor(options: { program: string; version: string; buildWithin?: number }) {
    this.#program = options.program;
    this.name = `${options.version} (Go)`;
    this.#buildWithin = options.buildWithin ?? BUILD_WITHIN;
  }

  async build(files: ReadonlyMap<string, Uint8Array>, directory: string): Promise<BuildResult> {
    const request: GoRequest = { root: ROOT, dir: directory, files: encodeFiles(files) };
    try {
      return await this.#ask(request);
    } catch (fault) {
      if (!(fault instanceof EngineEnded)) throw fault;
    }
    const retry = this.#retries.then(() => this.#askAgain(request));
    this.#retries = retry;
    return retry;
  }

  /** kustomize loads the schemas of Kubernetes with the first build that needs them, which takes a tenth of a second: best while others wait for the network. */
  warmUp(): void {
    const files = new Map(Object.entries(SMALLEST).map(([path, text]) => [path, new TextEncoder().encode(text)]));
    this.build(files, '').catch(() => undefined);
  }

  async close(): Promise<void> {
    const running = this.#process;
    this.#process = undefined;
    await running?.end();
  }

  async #ask(request: GoRequest): Promise<BuildResult> {
    if (!this.#process?.alive) this.#process = new GoProcess(this.#program, this.#buildWithin);
    const answer = await this.#process.ask(request);
    if (answer.ok) return { ok: true, documents: answer.documents ?? [] };
    return { ok: false, message: relativeTo(ROOT, answer.message ?? ''), fault: 'manifests' };
  }

  async #askAgain(request: GoRequest): Promise<BuildResult> {
    try {
      return await this.#ask(request);
    } catch (fault) {
      if (!(fault instanceof EngineEnded)) throw fault;
      return { ok: false, message: `${fault.message}, twice in a row`, fault: 'engine' };
    }
  }
}

function encodeFiles(files: ReadonlyMap<string, Uint8Array>): Record<string, string> {
  return Object.fromEntries([...files].map(([path, content]) => [path, Buffer.from(content).toString('base64')]));
}
