{{/* What tells or asks others and serves nobody: one pod. `name` is its user and the end of its names, `args` what it runs, `env` its own
     settings, `values` its values, `root` the chart's. With `state`, the setting that names its folder, how far it is stands on its volume
     and nowhere else; with `household` it has the household secret, of that Secret. */}}
{{- define "eropaf.single" -}}
{{- if .state }}
apiVersion: v1
kind: PersistentVolumeClaim
metadata:
  name: eropaf-{{ .name }}
  namespace: {{ $.root.Release.Namespace | quote }}
spec:
  accessModes: [ReadWriteOnce]
  {{- with .root.Values.storageClass }}
  storageClassName: {{ . | quote }}
  {{- end }}
  resources:
    requests: {storage: {{ .values.storage | quote }}}
---
{{- end }}
apiVersion: apps/v1
kind: Deployment
metadata:
  name: eropaf-{{ .name }}
  namespace: {{ $.root.Release.Namespace | quote }}
  labels: {app: eropaf-{{ .name }}}
spec:
  replicas: 1
  # Two pods must not tell, or ask, the same.
  strategy: {type: Recreate}
  selector:
    matchLabels: {app: eropaf-{{ .name }}}
  template:
    metadata:
      labels: {app: eropaf-{{ .name }}}
      annotations: {eropaf/settings: {{ include (print $.root.Template.BasePath "/settings.yaml") .root | sha256sum | quote }}}
    spec:
      {{- include "eropaf.pod" .root | nindent 6 }}
      containers:
        - name: {{ .name }}
          {{- include "eropaf.container" .root | nindent 10 }}
          args: {{ toJson .args }}
          env:
            - {name: EROPAF_KAFKA_USERNAME, value: {{ .name }}}
            - {name: EROPAF_GATEWAY_METRICS_PORT, value: "9464"}
            {{- with .state }}
            - {name: {{ . }}, value: /var/lib/eropaf}
            {{- end }}
            {{- range $name, $value := .env }}
            - {name: {{ $name }}, value: {{ $value | quote }}}
            {{- end }}
            {{- range $name, $value := .values.settings }}
            - {name: {{ $name }}, value: {{ include "eropaf.setting" $value }}}
            {{- end }}
          ports: [{name: metrics, containerPort: 9464}]
          # It serves nobody but Prometheus, and is ready as soon as it lives. That somebody is not told, or does not answer, is an
          # alert's: a new start would not help it.
          livenessProbe:
            httpGet: {path: /metrics, port: metrics}
            periodSeconds: 20
            timeoutSeconds: 5
            failureThreshold: 3
          startupProbe:
            httpGet: {path: /metrics, port: metrics}
            periodSeconds: 2
            failureThreshold: 30
          readinessProbe:
            httpGet: {path: /metrics, port: metrics}
            periodSeconds: 20
          resources: {{- toYaml .values.resources | nindent 12 }}
          volumeMounts:
            {{- if .state }}
            - {name: told, mountPath: /var/lib/eropaf}
            {{- end }}
            {{- include "eropaf.mounts" .root | nindent 12 }}
      volumes:
        {{- if .state }}
        - name: told
          persistentVolumeClaim: {claimName: eropaf-{{ .name }}}
        {{- end }}
        {{- include "eropaf.ca" .root | nindent 8 }}
        {{- include "eropaf.credentials" (dict "user" .name "secret" .values.secret "household" .household) | nindent 8 }}
{{- end }}
