{{/* A gateway: `name` is the end of its names, `user` its principal, `values` its own, `root` the chart's. Pods of it share
     nothing, and each reads its topics by itself. */}}
{{- define "eropaf.gateway" -}}
apiVersion: v1
kind: Service
metadata:
  name: eropaf-{{ .name }}
  namespace: {{ $.root.Release.Namespace | quote }}
spec:
  selector: {app: eropaf-{{ .name }}}
  ports: [{name: http, port: 8090}]
---
apiVersion: apps/v1
kind: Deployment
metadata:
  name: eropaf-{{ .name }}
  namespace: {{ $.root.Release.Namespace | quote }}
  labels: {app: eropaf-{{ .name }}}
spec:
  replicas: {{ .values.replicas }}
  selector:
    matchLabels: {app: eropaf-{{ .name }}}
  template:
    metadata:
      labels: {app: eropaf-{{ .name }}}
      annotations: {eropaf/settings: {{ include (print $.root.Template.BasePath "/settings.yaml") .root | sha256sum | quote }}}
    spec:
      {{- include "eropaf.pod" .root | nindent 6 }}
      affinity:
        podAntiAffinity:
          preferredDuringSchedulingIgnoredDuringExecution:
            - weight: 100
              podAffinityTerm:
                topologyKey: kubernetes.io/hostname
                labelSelector:
                  matchLabels: {app: eropaf-{{ .name }}}
      containers:
        - name: {{ .name }}
          {{- include "eropaf.container" .root | nindent 10 }}
          args: [gateway]
          env:
            - {name: EROPAF_KAFKA_USERNAME, value: {{ .user }}}
            - {name: EROPAF_GATEWAY_HOST, value: 0.0.0.0}
            - {name: EROPAF_GATEWAY_METRICS_PORT, value: "9464"}
            - {name: EROPAF_GATEWAY_ADDRESS, value: {{ .values.address | quote }}}
            - {name: EROPAF_GATEWAY_CALLERS, value: /run/eropaf/secrets/callers.toml}
            # Its ingress alone reaches it (network.yaml), and says which certificate a caller showed.
            - {name: EROPAF_GATEWAY_TRUSTED_PROXIES, value: {{ join "," .values.proxies | quote }}}
            # Big bodies lie there without a name until they are checked.
            - {name: TMPDIR, value: /var/tmp/eropaf}
            {{- range $name, $value := .values.settings }}
            - {name: {{ $name }}, value: {{ include "eropaf.setting" $value }}}
            {{- end }}
          ports: [{name: http, containerPort: 8090}, {name: metrics, containerPort: 9464}]
          # It answers nobody before it has read its topics. One that lives and never gets so far is restarted.
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
            - {name: bodies, mountPath: /var/tmp/eropaf}
            {{- include "eropaf.mounts" .root | nindent 12 }}
      volumes:
        - name: bodies
          emptyDir: {sizeLimit: {{ .values.bodies | quote }}}
        {{- include "eropaf.ca" .root | nindent 8 }}
        {{- include "eropaf.credentials" (dict "user" .user "secret" .values.secret) | nindent 8 }}
---
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata:
  name: eropaf-{{ .name }}
  namespace: {{ $.root.Release.Namespace | quote }}
spec:
  maxUnavailable: 1
  selector:
    matchLabels: {app: eropaf-{{ .name }}}
{{- end }}

{{/* The password of `user` on the cluster, the files of the Secret `secret`, and the household secret of the Secret `household`, if any. */}}
{{- define "eropaf.credentials" -}}
- name: secrets
  projected:
    defaultMode: 0440
    sources:
      - secret:
          name: {{ .user }}
          items: [{key: password, path: eropaf_kafka_password}]
      - secret: {name: {{ .secret | quote }}}
      {{- with .household }}
      - secret:
          name: {{ . | quote }}
          items: [{key: eropaf_household_secret, path: eropaf_household_secret}]
      {{- end }}
{{- end }}

{{/* Who reaches the pods `name` (the ingress, where they serve callers, and Prometheus), and whom they reach. */}}
{{- define "eropaf.policy" -}}
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata:
  name: eropaf-{{ .name }}
  namespace: {{ $.root.Release.Namespace | quote }}
spec:
  podSelector:
    matchLabels: {app: eropaf-{{ .name }}}
  policyTypes: [Ingress, Egress]
  ingress:
    {{- with .port }}
    - from:
        - namespaceSelector:
            matchLabels: {kubernetes.io/metadata.name: {{ $.root.Values.namespaces.ingress | quote }}}
      ports: [{port: {{ . }}, protocol: TCP}]
    {{- end }}
    - from:
        - namespaceSelector:
            matchLabels: {kubernetes.io/metadata.name: {{ $.root.Values.namespaces.monitoring | quote }}}
      ports: [{port: 9464, protocol: TCP}]
  egress: {{- include "eropaf.egress" (dict "reaches" .values.reaches "root" .root) | trim | nindent 4 }}
{{- end }}
