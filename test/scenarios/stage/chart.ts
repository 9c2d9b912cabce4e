/** A chart in Git: one Deployment, named as its release, whose image has the value `version` as its tag. */

/** Where a HelmRelease finds the chart of this name, from the root of the repository. */
export function chartPath(name: string): string {
  return `./charts/${name}`;
}

/** @returns text by path from the root of the repository */
export function chartFiles(name: string): Record<string, string> {
  const folder = `charts/${name}`;
  return {
    [`${folder}/Chart.yaml`]: `apiVersion: v2\nname: ${name}\nversion: 1.0.0\n`,
    [`${folder}/values.yaml`]: 'version: 0.0.0\n',
    [`${folder}/templates/deployment.yaml`]: `apiVersion: apps/v1
kind: Deployment
metadata:
  name: {{ .Release.Name }}
spec:
  replicas: 1
  selector:
    matchLabels:
      app: {{ .Release.Name }}
  template:
    metadata:
      labels:
        app: {{ .Release.Name }}
    spec:
      containers:
        - name: app
          image: ghcr.io/ebb-dev/sample-saas-app:{{ .Values.version }}
`,
  };
}
