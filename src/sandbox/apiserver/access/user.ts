/** Who sends a request. */
export interface User {
  name: string;
  groups: readonly string[];
}

/** What a request wants to do, as RBAC judges it. */
export interface ResourceAttributes {
  verb: string;
  group: string;
  resource: string;
  subresource?: string;
  namespace?: string;
  name?: string;
}
