/** What is asked of `flux`, one after another, on each cluster. */
import type { Developer } from '../../../../src/example/developer.ts';

export interface Step {
  /** The command line. */
  flux: string;
  /** What has to be in the answer, on both. */
  says: RegExp | RegExp[];
  /** The exit code; 0 where absent. */
  code?: number;
  /** Done by the developer before: in the clone, or pushed from it. */
  first?: (developer: Developer) => Promise<unknown>;
  unordered?: boolean;
  /** The answers are not the same: what each cluster says, and why that is no fault. */
  differs?: { sandbox: RegExp; cluster: RegExp; because: string };
}

const SAMPLE_APP = 'apps/sample-saas-app/overlays/dev';
const KUSTOMIZATION_FILE = `${SAMPLE_APP}/kustomization.yaml`;

export const STEPS: Step[] = [
  { flux: 'version --client', says: /^flux: v/ },
  { flux: 'version', says: /no deployments found in flux-system namespace/, code: 1 },
  { flux: 'logs', says: /no Flux pods found in namespace "flux-system"/, code: 1 },
  {
    flux: 'check',
    says: /no controllers found in the 'flux-system' namespace/,
    code: 1,
    differs: {
      sandbox: /✔ Kubernetes .*✔ kustomizations\.kustomize\.toolkit\.fluxcd\.io\/v1/s,
      cluster: /✗ no crds found with the label selector/,
      because:
        'the definitions come from the controllers’ modules, where a release labels them; and kube-apiserver may be built without its version',
    },
  },
  { flux: 'get all -A', says: [/gitrepository\/flux-system/, /kustomization\/sample-app.*Applied revision: main@sha1:/] },
  { flux: 'get sources git', says: /flux-system.*stored artifact for revision/ },
  { flux: 'get sources all', says: /gitrepository\/flux-system/ },
  { flux: 'get kustomizations', says: [/billing-worker/, /flux-system/, /sample-app/] },
  { flux: 'get kustomizations -A --status-selector ready=true', says: /NAMESPACE.*\n.*flux-system.*billing-worker/ },
  { flux: 'get kustomization sample-app', says: /sample-app\s+main@sha1:\w+\s+False\s+True/ },
  { flux: 'get kustomization none', says: /Kustomization object 'none' not found in "flux-system" namespace/, code: 1 },
  { flux: 'get helmreleases', says: /no HelmRelease objects found in "flux-system" namespace/, code: 1 },
  { flux: 'suspend kustomization sample-app', says: /kustomization suspended/ },
  { flux: 'get kustomization sample-app', says: /sample-app\s+main@sha1:\w+\s+True\s+True/ },
  { flux: 'reconcile kustomization sample-app', says: /resource is suspended/, code: 1 },
  { flux: 'resume kustomization sample-app', says: [/kustomization resumed/, /applied revision main@sha1:/] },
  { flux: 'suspend source git flux-system', says: /source git suspended/ },
  { flux: 'reconcile source git flux-system', says: /resource is suspended/, code: 1 },
  { flux: 'resume source git flux-system', says: /fetched revision main@sha1:/ },
  { flux: 'reconcile source git flux-system', says: /fetched revision main@sha1:/ },
  { flux: 'reconcile kustomization sample-app', says: /applied revision main@sha1:/ },
  { flux: 'reconcile kustomization none', says: /"none" not found/, code: 1 },
  { flux: `diff kustomization sample-app --path ${SAMPLE_APP}`, says: /^$/m },
  {
    flux: `diff kustomization sample-app --path ${SAMPLE_APP}`,
    first: async (developer) => {
      const text = await developer.read(KUSTOMIZATION_FILE);
      await developer.commit('Try 1.0.9', { [KUSTOMIZATION_FILE]: text.replace(/newTag: .*/, 'newTag: 1.0.9') });
    },
    says: [
      /► Deployment\/sample-saas-app\/sample-saas-app drifted/,
      /spec\.template\.spec\.containers\.app\.image\n± value change\n- \S+:1\.0\.0\n\+ \S+:1\.0\.9/,
      /identified at least one change, exiting with non-zero exit code/,
    ],
    code: 1,
  },
  { flux: `build kustomization sample-app --path ${SAMPLE_APP}`, says: [/kind: HorizontalPodAutoscaler/, /image: \S+:1\.0\.9/] },
  {
    flux: 'reconcile kustomization sample-app --with-source',
    first: async (developer) => {
      await developer.git('reset', '--hard', 'origin/main');
      await developer.configure('GREETING', 'hello', 'sample-saas-app: greet');
    },
    says: [/fetched revision main@sha1:/, /applied revision main@sha1:/],
  },
  { flux: `diff kustomization sample-app --path ${SAMPLE_APP}`, says: /^$/m },
  {
    flux: 'events --for Kustomization/sample-app',
    says: [/Health check passed/, /Deployment\/sample-saas-app\/sample-saas-app configured/],
    unordered: true,
  },
  { flux: 'events --for GitRepository/flux-system', says: /NewArtifact/, unordered: true },
  { flux: 'tree kustomization sample-app', says: /Deployment\/sample-saas-app\/sample-saas-app/ },
  {
    flux: 'tree kustomization flux-system',
    says: /Kustomization\/flux-system\/sample-app\n(.*\n)*.*Deployment\/billing-worker\/billing-worker|Kustomization\/flux-system\/billing-worker/,
  },
  { flux: 'tree kustomization flux-system --compact', says: /Kustomization\/flux-system\/billing-worker/ },
  { flux: 'tree kustomization sample-app -o json', says: /"Kind": "Deployment"/ },
  {
    flux: 'trace deployment sample-saas-app -n sample-saas-app',
    says: [/Status:\s+Managed by Flux/, /Kustomization:\s+sample-app/, /GitRepository:\s+flux-system/],
  },
  { flux: 'trace kustomization sample-app', says: /Kustomization:\s+flux-system/ },
  { flux: 'trace pod none -n sample-saas-app', says: /not found/, code: 1 },
  { flux: 'stats', says: [/Kustomization\s+3\s+0\s+0/, /GitRepository\s+1\s+0\s+0/] },
  { flux: 'debug kustomization sample-app --show-status', says: [/lastAppliedRevision: main@sha1:/, /inventory:/] },
  { flux: 'debug kustomization sample-app --show-history', says: /lastReconciledStatus: ReconciliationSucceeded/ },
  { flux: 'debug kustomization sample-app --show-vars', says: /no post build substitutions found/, code: 1 },
  { flux: 'export source git flux-system', says: /kind: GitRepository/ },
  { flux: 'export kustomization --all', says: [/name: billing-worker/, /name: sample-app/] },
  { flux: 'ebb status kustomization/sample-app', says: [/sample-app\s+✓ well/, /sample-saas-app: greet/], unordered: true },
  { flux: 'ebb history kustomization/sample-app', says: [/sample-saas-app: greet/, /Import/] },
  { flux: 'suspend kustomization --all', says: [/suspending kustomization sample-app/, /suspending kustomization billing-worker/] },
  { flux: 'ebb suspended', says: [/sample-app/, /billing-worker/] },
  { flux: 'resume kustomization --all', says: [/resuming kustomization sample-app/, /resuming kustomization billing-worker/] },
  { flux: 'ebb suspended', says: /nothing|no .*suspended/i },
  {
    flux: 'create kustomization extra --source=GitRepository/flux-system --path=apps/billing-worker/overlays/dev --prune=true --interval=10m --target-namespace=extra',
    says: /applied revision main@sha1:/,
  },
  { flux: 'tree kustomization extra', says: /Deployment\/extra\/billing-worker/ },
  { flux: 'delete kustomization extra --silent', says: /kustomization deleted/ },
  { flux: 'completion bash', says: /bash completion/ },
  { flux: '__complete ebb rollback --', says: /--dry-run|--yes/ },
];
