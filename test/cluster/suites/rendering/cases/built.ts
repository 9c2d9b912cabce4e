import type { RenderingCase } from '../case.ts';
import { FLUX_SPEC } from './flux-spec.ts';
import { GENERATORS } from './generators.ts';
import { LAYOUT } from './layout.ts';
import { SOURCES } from './sources.ts';
import { SUBSTITUTION } from './substitution.ts';
import { TRANSFORMERS } from './transformers.ts';

export const BUILT: RenderingCase[] = [...GENERATORS, ...TRANSFORMERS, ...FLUX_SPEC, ...SUBSTITUTION, ...LAYOUT, ...SOURCES];
