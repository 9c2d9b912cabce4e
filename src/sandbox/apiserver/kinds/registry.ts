import type { GroupVersionKind, KubeObject } from '../../../api/kube.ts';
import { builtinResources } from './builtin.ts';
import { resourcesOf } from './custom.ts';
import { apiVersionOf, type Resource } from './resource.ts';

/** Every resource that is served now: the built-in ones and those of the established CustomResourceDefinitions. */
export class Registry {
  readonly #builtin = builtinResources();
  readonly #custom = new Map<string, Resource[]>();
  #all: readonly Resource[] = [];
  #byKind = new Map<string, Resource>();
  #byPath = new Map<string, Resource>();

  constructor() {
    this.#index();
  }

  all(): readonly Resource[] {
    return this.#all;
  }

  byKind({ apiVersion, kind }: GroupVersionKind): Resource | undefined {
    return this.#byKind.get(`${apiVersion}|${kind}`);
  }

  byPath(apiVersion: string, plural: string): Resource | undefined {
    return this.#byPath.get(`${apiVersion}|${plural}`);
  }

  /** The resource in whose version the objects are stored. */
  storageOf(resource: Resource): Resource {
    if (resource.storageKey === 'events') return this.byPath('v1', 'events') ?? resource;
    return this.byPath(apiVersionOf({ group: resource.group, version: resource.storageVersion }), resource.plural) ?? resource;
  }

  /** Serves the kinds of a CustomResourceDefinition, instead of what it declared before. */
  define(definition: KubeObject): void {
    this.#custom.set(definition.metadata.name, resourcesOf(definition));
    this.#index();
  }

  undefine(name: string): void {
    if (this.#custom.delete(name)) this.#index();
  }

  #index(): void {
    this.#all = [...this.#builtin, ...[...this.#custom.values()].flat()];
    this.#byKind = new Map(this.#all.map((resource) => [`${apiVersionOf(resource)}|${resource.kind}`, resource]));
    this.#byPath = new Map(this.#all.map((resource) => [`${apiVersionOf(resource)}|${resource.plural}`, resource]));
  }
}
