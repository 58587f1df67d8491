{{/* What serves pages: `name` is its user and the end of its names, `values` its own, `root` the chart's. One pod, since
     its accounts and sessions are in SQLite on its volume. */}}
{{- define "eropaf.page" -}}
apiVersion: v1
kind: Service
metadata:
  name: eropaf-{{ .name }}
  namespace: {{ $.root.Release.Namespace | quote }}
spec:
  selector: {app: eropaf-{{ .name }}}
  ports: [{name: http, port: 8080}]
---
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
apiVersion: apps/v1
kind: Deployment
metadata:
  name: eropaf-{{ .name }}
  namespace: {{ $.root.Release.Namespace | quote }}
  labels: {app: eropaf-{{ .name }}}
spec:
  replicas: 1
  # Two pods must not have one SQLite.
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
          args: [board, run]
          env:
            - {name: EROPAF_KAFKA_USERNAME, value: {{ .name }}}
            - {name: EROPAF_BOARD_HOST, value: 0.0.0.0}
            - {name: EROPAF_BOARD_METRICS_PORT, value: "9464"}
            # Its ingress alone reaches it (network.yaml), and says who asks.
            - {name: EROPAF_BOARD_TRUSTED_PROXIES, value: {{ join "," .values.proxies | quote }}}
            - {name: EROPAF_BOARD_ADDRESS, value: {{ .values.address | quote }}}
            - {name: EROPAF_BOARD_DATABASE, value: "sqlite+aiosqlite:////var/lib/eropaf/board.db"}
            {{- range $name, $value := .values.settings }}
            - {name: {{ $name }}, value: {{ include "eropaf.setting" $value }}}
            {{- end }}
          ports: [{name: http, containerPort: 8080}, {name: metrics, containerPort: 9464}]
          # It lists nobody before it has read its topics. One that lives and never gets so far is restarted.
          startupProbe:
            httpGet: {path: /health/live, port: http}
            periodSeconds: 2
            failureThreshold: 30
          livenessProbe:
            httpGet: {path: /health/live, port: http}
            periodSeconds: 10
            timeoutSeconds: 5
            failureThreshold: 3
          readinessProbe:
            httpGet: {path: /health/ready, port: http}
            periodSeconds: 5
          resources: {{- toYaml .values.resources | nindent 12 }}
          volumeMounts:
            - {name: accounts, mountPath: /var/lib/eropaf}
            {{- include "eropaf.mounts" .root | nindent 12 }}
      volumes:
        - name: accounts
          persistentVolumeClaim: {claimName: eropaf-{{ .name }}}
        {{- include "eropaf.ca" .root | nindent 8 }}
        - name: secrets
          projected:
            defaultMode: 0440
            sources:
              - secret:
                  name: {{ .name }}
                  items: [{key: password, path: eropaf_kafka_password}]
              {{- with .values.secret }}
              - secret: {name: {{ . | quote }}}
              {{- end }}
              {{- with .household }}
              - secret:
                  name: {{ . | quote }}
                  items: [{key: eropaf_household_secret, path: eropaf_household_secret}]
              {{- end }}
{{- end }}
