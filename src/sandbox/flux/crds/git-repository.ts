/** Source of the fields: source-controller api/v1/gitrepository_types.go. */
import { AGE, column, define, READY, STATUS } from './definition.ts';
import { artifact, described, duration, flag, listOf, localReference, oneOf, record, statusOf, text } from './schema.ts';

const ref = record({
  branch: described(text, 'Branch to follow; master by default.'),
  tag: described(text, 'Tag; wins over branch.'),
  semver: described(text, 'Range of versions; the newest tag in it is taken. Wins over branch.'),
  name: described(text, 'Full name of a reference, such as refs/heads/main; wins over branch, tag and semver.'),
  commit: described(text, 'SHA of a commit; wins over everything else. Together with branch it must be reachable from that branch.'),
});

const include = record({ repository: localReference, fromPath: text, toPath: text }, ['repository']);

export const gitRepositoryDefinition = define({
  group: 'source.toolkit.fluxcd.io',
  version: 'v1',
  kind: 'GitRepository',
  plural: 'gitrepositories',
  shortNames: ['gitrepo'],
  categories: ['all', 'fluxcd', 'fluxcd-sources'],
  columns: [column('URL', '.spec.url'), AGE, READY, STATUS],
  spec: record(
    {
      url: { ...described(text, 'Address of the repository.'), pattern: '^(http|https|ssh)://.*$' },
      interval: described(duration, 'How often the repository is looked at.'),
      timeout: { type: 'string', pattern: '^([0-9]+(\\.[0-9]+)?(ms|s|m))+$', default: '60s', description: 'Limit of each Git operation.' },
      ref: described(ref, 'What to check out.'),
      secretRef: described(localReference, 'Secret with username and password, or bearerToken.'),
      proxySecretRef: localReference,
      serviceAccountName: text,
      provider: oneOf('generic', 'aws', 'azure', 'github'),
      suspend: described(flag, 'Stop looking at the repository.'),
      ignore: described(text, 'Files to leave out, in the format of .gitignore; replaces the defaults.'),
      include: listOf(include),
      recurseSubmodules: flag,
      sparseCheckout: listOf(text),
      verify: record({ mode: { ...oneOf('head', 'HEAD', 'Tag', 'TagAndHEAD'), default: 'HEAD' }, secretRef: localReference }, [
        'secretRef',
      ]),
    },
    ['interval', 'url'],
  ),
  status: statusOf({
    artifact: described(artifact, 'The last artifact that was made.'),
    includedArtifacts: listOf(artifact),
    observedIgnore: text,
    observedInclude: listOf(include),
    observedRecurseSubmodules: flag,
    observedSparseCheckout: listOf(text),
    sourceVerificationMode: text,
  }),
});
