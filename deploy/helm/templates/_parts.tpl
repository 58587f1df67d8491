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
envFrom:
  - configMapRef: {name: eropaf-settings}
{{ include "eropaf.guarded" . }}
{{- end }}

{{/* The image, and what nobody in it may do: of a container that has no settings of the cluster, too. */}}
{{- define "eropaf.guarded" -}}
image: {{ include "eropaf.image" . | quote }}
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

{{/* Out to the brokers, to the name service and to what is named besides: `reaches`; `root` is the chart's. */}}
{{- define "eropaf.egress" -}}
{{- with .root.Values.kafka }}
{{- if .bootstrap }}
- to:
  {{- range .networks }}
    - ipBlock: {cidr: {{ . | quote }}}
  {{- end }}
  ports:
  {{- range regexFindAll ":[0-9]+" .bootstrap -1 | uniq }}
    - {port: {{ trimPrefix ":" . }}, protocol: TCP}
  {{- end }}
{{- else }}
- to:
    - podSelector:
        matchLabels: {strimzi.io/cluster: eropaf}
  ports: [{port: 9093, protocol: TCP}]
{{- end }}
{{- end }}
{{ include "eropaf.named" . }}
{{- end }}

{{/* Out to the name service and to what is named, and to no broker. */}}
{{- define "eropaf.named" -}}
- to:
    - namespaceSelector:
        matchLabels: {kubernetes.io/metadata.name: kube-system}
  ports: [{port: 53, protocol: UDP}, {port: 53, protocol: TCP}]
{{- range .reaches }}
- to: [{ipBlock: {cidr: {{ .cidr | quote }}}}]
  ports: [{port: {{ .port }}, protocol: TCP}]
{{- end }}
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
{{- include "eropaf.asked" . }}
{{- if and .Values.residentPage.secret (not .Values.residentPage.reaches) }}{{ fail "residentPage.reaches is empty: say where the desk is, or it can show nobody anything" }}{{ end }}
{{- if and .Values.kafka.bootstrap (not .Values.kafka.networks) }}{{ fail "kafka.networks is empty: with kafka.bootstrap say in which networks the brokers are, or no pod may reach them" }}{{ end }}
{{- if and .Values.kafka.networks (not .Values.kafka.bootstrap) }}{{ fail "kafka.networks is of a cluster of yours: give kafka.bootstrap too" }}{{ end }}
{{- end }}

{{/* What a pod asks besides the brokers, it must be let out to; and a file that a setting names must be mounted. */}}
{{- define "eropaf.asked" -}}
{{- range $name := list "workers" "backup" "board" "desk" "gateway" "tools" "webhooks" "cases" "logboek" "lookup" }}
{{- $part := get $.Values $name }}
{{- if or $part.secret (has $name (list "workers" "backup" "board")) }}
{{- $settings := merge (dict) ($part.settings | default dict) $.Values.settings }}
{{- $asks := list "EROPAF_REGISTRY_URL" }}
{{- if eq $name "workers" }}{{ $asks = append $asks "EROPAF_OTLP_ENDPOINT" }}{{ end }}
{{- if has $name (list "board" "desk") }}{{ $asks = append $asks "EROPAF_BOARD_OPENID_ISSUER" }}{{ end }}
{{- if has $name (list "gateway" "tools") }}{{ $asks = append $asks "EROPAF_GATEWAY_OPENID_ISSUER" }}{{ end }}
{{- if and (eq $name "webhooks") (not $part.reaches) }}{{ fail "webhooks.reaches is empty: say where the tools are, or none can be told" }}{{ end }}
{{- if and (eq $name "cases") (not $part.reaches) }}{{ fail "cases.reaches is empty: say where the case system is, or nothing is handed on" }}{{ end }}
{{- if and (eq $name "logboek") (not $part.reaches) }}{{ fail "logboek.reaches is empty: say where the processing log is, or it cannot be told" }}{{ end }}
{{- if and (eq $name "lookup") (not $part.reaches) }}{{ fail "lookup.reaches is empty: say where the register's gateway is, or nobody can be asked for" }}{{ end }}
{{- range $setting := $asks }}
{{- if and (get $settings $setting) (not $part.reaches) }}{{ fail (printf "%s.reaches is empty: say where %s is, or none of its pods may ask it" $name $setting) }}{{ end }}
{{- end }}
{{- if and (hasPrefix "/run/eropaf/secrets/" (get $settings "EROPAF_REGISTRY_CA_FILE")) (not $part.secret) }}{{ fail (printf "%s.secret is empty: name a Secret that holds the file of EROPAF_REGISTRY_CA_FILE, or none of its pods starts" $name) }}{{ end }}
{{- end }}
{{- end }}
{{- end }}
