/** The manifests of the generated repository: what a small web application on Flux looks like. */

/** Text by path from the root of the repository. */
export type AppFiles = Record<string, string>;

export interface OverlayState {
  name: string;
  overlay: string;
  version: number;
  replicas: number;
  settings: number;
}

/** `apps/<name>/base`; `resources` counts the changes of the memory limit. */
export function appFiles(name: string, resources: number): AppFiles {
  const base = `apps/${name}/base`;
  return {
    [`${base}/deployment.yaml`]: deployment(name, 128 + resources * 16),
    [`${base}/service.yaml`]: service(name),
    [`${base}/hpa.yaml`]: autoscaler(name),
    [`${base}/pdb.yaml`]: disruptionBudget(name),
    [`${base}/kustomization.yaml`]: `apiVersion: kustomize.config.k8s.io/v1beta1
kind: Kustomization
resources:
  - deployment.yaml
  - service.yaml
  - hpa.yaml
  - pdb.yaml
`,
  };
}

/** `apps/<name>/overlays/<overlay>`. */
export function overlayFiles({ name, overlay, version, replicas, settings }: OverlayState): AppFiles {
  const directory = `apps/${name}/overlays/${overlay}`;
  return {
    [`${directory}/kustomization.yaml`]: `apiVersion: kustomize.config.k8s.io/v1beta1
kind: Kustomization
namespace: ${name}
resources:
  - ../../base
patches:
  - path: replicas.yaml
configMapGenerator:
  - name: ${name}-settings
    envs:
      - settings.env
images:
  - name: registry.example.com/${name}
    newTag: 1.${Math.floor(version / 10)}.${version % 10} # {"$imagepolicy": "flux-system:${name}-${overlay}:tag"}
`,
    [`${directory}/replicas.yaml`]: `apiVersion: apps/v1
kind: Deployment
metadata:
  name: ${name}
spec:
  replicas: ${replicas}
`,
    [`${directory}/settings.env`]: `LOG_LEVEL=info
ENVIRONMENT=${overlay}
REQUEST_TIMEOUT_MS=${1000 + settings * 50}
FEATURE_CHECKOUT=${settings % 2 === 0 ? 'on' : 'off'}
`,
  };
}

/** The Flux Kustomization of one application in one cluster. */
export function clusterFile(name: string, overlay: string): AppFiles {
  return {
    [`clusters/${overlay}/${name}.yaml`]: `apiVersion: kustomize.toolkit.fluxcd.io/v1
kind: Kustomization
metadata:
  name: ${name}
  namespace: flux-system
spec:
  interval: 5m
  timeout: 3m
  prune: true
  wait: true
  path: ./apps/${name}/overlays/${overlay}
  sourceRef:
    kind: GitRepository
    name: flux-system
`,
  };
}

function deployment(name: string, memory: number): string {
  return `apiVersion: apps/v1
kind: Deployment
metadata:
  name: ${name}
  labels:
    app.kubernetes.io/name: ${name}
spec:
  replicas: 2
  revisionHistoryLimit: 3
  selector:
    matchLabels:
      app.kubernetes.io/name: ${name}
  template:
    metadata:
      labels:
        app.kubernetes.io/name: ${name}
      annotations:
        prometheus.io/scrape: "true"
        prometheus.io/port: "8080"
    spec:
      securityContext:
        runAsNonRoot: true
      containers:
        - name: app
          image: registry.example.com/${name}
          ports:
            - name: http
              containerPort: 8080
          envFrom:
            - configMapRef:
                name: ${name}-settings
          readinessProbe:
            httpGet:
              path: /readyz
              port: http
            periodSeconds: 5
          livenessProbe:
            httpGet:
              path: /healthz
              port: http
            initialDelaySeconds: 10
          resources:
            requests:
              cpu: 50m
              memory: 64Mi
            limits:
              memory: ${memory}Mi
`;
}

function service(name: string): string {
  return `apiVersion: v1
kind: Service
metadata:
  name: ${name}
spec:
  selector:
    app.kubernetes.io/name: ${name}
  ports:
    - name: http
      port: 80
      targetPort: http
`;
}

function autoscaler(name: string): string {
  return `apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata:
  name: ${name}
spec:
  scaleTargetRef:
    apiVersion: apps/v1
    kind: Deployment
    name: ${name}
  minReplicas: 2
  maxReplicas: 10
  metrics:
    - type: Resource
      resource:
        name: cpu
        target:
          type: Utilization
          averageUtilization: 70
`;
}

function disruptionBudget(name: string): string {
  return `apiVersion: policy/v1
kind: PodDisruptionBudget
metadata:
  name: ${name}
spec:
  minAvailable: 1
  selector:
    matchLabels:
      app.kubernetes.io/name: ${name}
`;
}
