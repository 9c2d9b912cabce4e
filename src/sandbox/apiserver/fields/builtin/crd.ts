/** CustomResourceDefinition. Source: apiextensions-apiserver pkg/apis/apiextensions/v1/types.go. */

import { completeCrdNames } from './completion.ts';
import { kind } from './object.ts';
import { booleans, held, integers, list, mapList, open, string, strings, struct, time, withDefault } from './vocabulary.ts';

const names = { ...strings('kind listKind plural singular'), categories: list(string), shortNames: list(string) };

const customResourceDefinitionNames = struct(names, { required: 'plural kind', complete: completeCrdNames });

const customResourceColumnDefinition = struct(
  { ...strings('description format jsonPath name type'), ...integers('priority') },
  { required: 'name type jsonPath' },
);

const customResourceSubresourceScale = struct(
  { ...strings('labelSelectorPath specReplicasPath statusReplicasPath') },
  { required: 'specReplicasPath statusReplicasPath' },
);

const customResourceSubresourceStatus = struct({});

const customResourceSubresources = struct({ scale: customResourceSubresourceScale, status: customResourceSubresourceStatus });

const customResourceValidation = struct({ openAPIV3Schema: open });

const selectableField = struct({ ...strings('jsonPath') }, { required: 'jsonPath' });

const customResourceDefinitionVersion = struct(
  {
    ...booleans('deprecated served storage'),
    ...strings('deprecationWarning name'),
    additionalPrinterColumns: list(customResourceColumnDefinition),
    schema: customResourceValidation,
    selectableFields: list(selectableField),
    subresources: customResourceSubresources,
  },
  { required: 'name served storage' },
);

const customResourceDefinitionSpec = struct(
  {
    ...strings('group scope'),
    ...booleans('preserveUnknownFields'),
    conversion: withDefault(open, { strategy: 'None' }),
    names: held(customResourceDefinitionNames),
    versions: held(list(customResourceDefinitionVersion)),
  },
  { required: 'group names scope versions' },
);

const customResourceDefinitionCondition = struct({
  ...strings('message reason status type'),
  ...integers('observedGeneration'),
  lastTransitionTime: time,
});

const customResourceDefinitionStatus = struct({
  ...integers('observedGeneration'),
  acceptedNames: held(struct(names)),
  conditions: held(mapList(customResourceDefinitionCondition, 'type')),
  storedVersions: held(list(string)),
});

export const customResourceDefinition = kind(
  { spec: held(customResourceDefinitionSpec), status: held(customResourceDefinitionStatus) },
  { required: 'spec', statusSubresource: true },
);
