/** Manifests that the cases are made of. They name no namespace: the case's Kustomization gives them one. */

export const DEPLOYMENT = `apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
  labels: {app: web}
spec:
  replicas: 0
  selector:
    matchLabels: {app: web}
  template:
    metadata:
      labels: {app: web}
    spec:
      initContainers:
        - {name: migrate, image: registry.example/migrate:1.0}
      containers:
        - name: web
          image: registry.example/web:1.0
          ports: [{name: http, containerPort: 8080}]
          env:
            - {name: MODE, value: plain}
          envFrom:
            - configMapRef: {name: settings}
          volumeMounts:
            - {name: token, mountPath: /token, readOnly: true}
      volumes:
        - name: token
          secret: {secretName: token}
`;

export const SERVICE = `apiVersion: v1
kind: Service
metadata:
  name: web
spec:
  selector: {app: web}
  ports:
    - {name: http, port: 80, targetPort: http}
`;

export const AUTOSCALER = `apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata: {name: web}
spec:
  minReplicas: 1
  maxReplicas: 3
  scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: web}
`;

/** @param data lines of YAML, each with two spaces in front */
export function configMap(name: string, data = '  key: value\n'): string {
  return `apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: ${name}\ndata:\n${data}`;
}
