/** What may not be read and is not indispensable: one goes on without it, and says so. */
import { Failure } from '../core/failure.ts';
import { noPermission, type Permission, rulesText } from '../core/permission.ts';

export class Lacks {
  /** Consequence → what is not permitted, each once. */
  readonly #lacks = new Map<string, Map<string, Permission>>();

  /**
   * What `read` gives, or `instead` where one has no permission to read it.
   * @param consequence what is not known without it: the second half of the note. Several with the same one give one note.
   * @throws what `read` throws, but for Forbidden.
   */
  async or<T, U>(read: Promise<T>, instead: U, consequence: string): Promise<T | U> {
    try {
      return await read;
    } catch (error) {
      const permission = forbidden(error);
      if (!permission) throw error;
      const known = this.#lacks.get(consequence) ?? new Map<string, Permission>();
      this.#lacks.set(consequence, known.set(JSON.stringify(permission), permission));
      return instead;
    }
  }

  /** One line each: what is not permitted, what is not known for that, and the rules that are missing. */
  get notes(): string[] {
    return [...this.#lacks].map(([consequence, permissions]) => noteOf([...permissions.values()], consequence));
  }
}

/** The note about a permission that is missing; undefined for any other error. */
export function lackText(error: unknown, consequence: string): string | undefined {
  const permission = forbidden(error);
  return permission && noteOf([permission], consequence);
}

function forbidden(error: unknown): Permission | undefined {
  return error instanceof Failure && error.code === 'Forbidden' ? error.permission : undefined;
}

function noteOf(permissions: readonly Permission[], consequence: string): string {
  return `${noPermission(...permissions)}: ${consequence}. Missing: ${rulesText(permissions)}`;
}
