{{/* What several templates share. */}}
{{- define "eropaf.image" -}}
{{- with .Values.image -}}
{{- if .digest }}{{ .repository }}@{{ .digest }}{{ else }}{{ .repository }}:{{ .tag | default $.Chart.AppVersion }}{{ end }}
{{- end -}}
{{- end }}

{{/* What every pod of ours has: nobody is root in it, and no service of the namespace becomes a setting. Kubernetes'
     variable for a service `eropaf-board`, EROPAF_BOARD_PORT=tcp://…, would be one. */}}
{{- define "eropaf.pod" -}}
enableServiceLinks: false
automountServiceAccountToken: false
{{- with .Values.image.pullSecrets }}
imagePullSecrets:
{{- range . }}
  - name: {{ . | quote }}
{{- end }}
{{- end }}
securityContext:
  runAsNonRoot: true
  runAsUser: 10001
  runAsGroup: 10001
  fsGroup: 10001
  seccompProfile: {type: RuntimeDefault}
{{- end }}

{{- define "eropaf.container" -}}
image: {{ include "eropaf.image" . | quote }}
envFrom:
  - configMapRef: {name: eropaf-settings}
securityContext:
  allowPrivilegeEscalation: false
  readOnlyRootFilesystem: true
  runAsNonRoot: true
  runAsUser: 10001
  runAsGroup: 10001
  capabilities: {drop: [ALL]}
  seccompProfile: {type: RuntimeDefault}
{{- end }}

{{- define "eropaf.mounts" -}}
- {name: ca, mountPath: /run/eropaf/ca, readOnly: true}
- {name: secrets, mountPath: /run/eropaf/secrets, readOnly: true}
{{- end }}

{{- define "eropaf.ca" -}}
- name: ca
  secret:
    secretName: eropaf-cluster-ca-cert
    items: [{key: ca.crt, path: ca.crt}]
{{- end }}

{{/* The settings of a map, as variables. */}}
{{- define "eropaf.setting" -}}
{{ if kindIs "string" . }}{{ . | quote }}{{ else }}{{ . | toJson | quote }}{{ end }}
{{- end }}

{{- define "eropaf.bootstrap" -}}
{{ .Values.kafka.bootstrap | default (printf "eropaf-kafka-bootstrap.%s.svc:9093" .Release.Namespace) }}
{{- end }}

{{/* Out to the brokers and to the name service. */}}
{{- define "eropaf.egress" -}}
{{- if .Values.kafka.bootstrap }}
- to:
  {{- range .Values.kafka.networks }}
    - ipBlock: {cidr: {{ . | quote }}}
  {{- end }}
  ports:
  {{- range regexFindAll ":[0-9]+" .Values.kafka.bootstrap -1 | uniq }}
    - {port: {{ trimPrefix ":" . }}, protocol: TCP}
  {{- end }}
{{- else }}
- to:
    - podSelector:
        matchLabels: {strimzi.io/cluster: eropaf}
  ports: [{port: 9093, protocol: TCP}]
{{- end }}
- to:
    - namespaceSelector:
        matchLabels: {kubernetes.io/metadata.name: kube-system}
  ports: [{port: 53, protocol: UDP}, {port: 53, protocol: TCP}]
{{- end }}

{{/* What values.schema.json cannot say, since it is about two values. */}}
{{- define "eropaf.checked" -}}
{{- with .Values.workers }}
{{- if gt (int .min) (int .max) }}{{ fail (printf "workers.min (%d) is more than workers.max (%d)" (int .min) (int .max)) }}{{ end }}
{{- if gt (int .max) (int $.Values.partitions) }}{{ fail (printf "workers.max (%d) is more than partitions (%d): the rest would have nothing to read" (int .max) (int $.Values.partitions)) }}{{ end }}
{{- end }}
{{- range $name := .Values.creditors }}
{{- range $other := $.Values.creditors }}
{{- if hasPrefix (printf "%s-" $name) $other }}{{ fail (printf "creditors: %s begins with %s-, on which %s has rights: it could take over its outboxes. Name it otherwise" $other $name $name) }}{{ end }}
{{- end }}
{{- end }}
{{- if and .Values.kafka.bootstrap (not .Values.kafka.networks) }}{{ fail "kafka.networks is empty: with kafka.bootstrap say in which networks the brokers are, or no pod may reach them" }}{{ end }}
{{- if and .Values.kafka.networks (not .Values.kafka.bootstrap) }}{{ fail "kafka.networks is of a cluster of yours: give kafka.bootstrap too" }}{{ end }}
{{- end }}
