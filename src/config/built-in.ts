/** What is used when there is no file: one local provider that keeps one node ready. Also a first file to start from. */
export const BUILT_IN_CONFIG = `labels:
  local: {ready: 1}
providers:
  local:
    driver: local
    nodes:
      - labels: [local]
`;
