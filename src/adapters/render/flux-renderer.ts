import { createHash } from 'node:crypto';
import { type ReadClosure, readClosure } from '../../core/rendering/closure.ts';
import { afterBuild } from '../../core/rendering/post-build.ts';
import { type LiveVariables, PostBuildFailed } from '../../core/rendering/substitute.ts';
import type { Renderer, RenderOutcome, RenderRequest } from '../../ports.ts';
import type { BuildEngine } from './build-engine.ts';
import { RenderCache } from './render-cache.ts';

/** Characters of built YAML to keep. */
const CACHE_LIMIT = 64 * 1024 * 1024;

type Built = { ok: true; objects: string } | { ok: false; message: string; fault: 'manifests' | 'engine' };

/** Renders Kustomizations as kustomize-controller does; what was built from the same content is not built again. */
export class FluxRenderer implements Renderer {
  readonly engine: string;
  readonly #engine: BuildEngine;
  readonly #cache = new RenderCache<Built>(CACHE_LIMIT);
  readonly #running = new Map<string, Promise<Built>>();

  constructor(engine: BuildEngine) {
    this.engine = engine.name;
    this.#engine = engine;
  }

  async render(request: RenderRequest): Promise<RenderOutcome> {
    const closure = await readClosure(request.files, request.spec.path ?? '', request.spec, request.sourceIgnore);
    const { inputs, directories } = closure;
    if (closure.kind === 'failed') return { kind: 'failed', message: closure.message, inputs, directories };
    const built = await this.#built(closure, request);
    if (!built.ok) return { kind: 'failed', message: built.message, inputs, directories };
    // Parsed for each caller, who may change what it got.
    return { kind: 'rendered', objects: JSON.parse(built.objects), inputs, directories };
  }

  /** To be called where a rendering is sure to follow. */
  warmUp(): void {
    this.#engine.warmUp?.();
  }

  /** Ends what the engine started. */
  close(): Promise<void> {
    return this.#engine.close();
  }

  async #built(closure: ReadClosure, request: RenderRequest): Promise<Built> {
    const key = contentKey(closure, request);
    const known = this.#cache.get(key) ?? this.#running.get(key);
    if (known) return known;
    const running = this.#build(closure, request);
    this.#running.set(key, running);
    try {
      const built = await running;
      if (built.ok || built.fault === 'manifests') this.#cache.set(key, built, built.ok ? built.objects.length : built.message.length);
      return built;
    } finally {
      this.#running.delete(key);
    }
  }

  async #build({ files, directory }: ReadClosure, request: RenderRequest): Promise<Built> {
    const result = await this.#engine.build(files, directory);
    if (!result.ok) return { ...result, message: `kustomize build failed: ${result.message}` };
    try {
      return { ok: true, objects: JSON.stringify(afterBuild(result.documents, request.spec, liveVariables(request))) };
    } catch (fault) {
      if (fault instanceof PostBuildFailed) return { ok: false, message: fault.message, fault: 'manifests' };
      throw fault;
    }
  }
}

function liveVariables({ variables, incomplete, absent }: RenderRequest): LiveVariables {
  return { ...(variables ? { variables } : {}), ...(incomplete ? { missing: 'name' } : {}), ...(absent ? { absent } : {}) };
}

/** Equal for equal content: the files, and what the spec does after the build (the rest of it is in the files). */
function contentKey({ files, directory }: ReadClosure, { spec, variables, incomplete, absent }: RenderRequest): string {
  const hash = createHash('sha256');
  const afterwards = [
    directory,
    spec.commonMetadata ?? null,
    spec.postBuild ?? null,
    sorted(variables ?? {}),
    incomplete ?? false,
    absent ?? null,
  ];
  hash.update(JSON.stringify(afterwards));
  for (const path of [...files.keys()].sort()) {
    const content = files.get(path) as Uint8Array;
    hash.update(`\n${JSON.stringify(path)} ${content.length}\n`).update(content);
  }
  return hash.digest('hex');
}

function sorted(variables: Record<string, string>): [string, string][] {
  return Object.entries(variables).sort(([a], [b]) => (a < b ? -1 : 1));
}
