// A certified OpenID provider on this machine: `node provider.js PORT REDIRECT_URI [CLIENT_ID]`. Any name logs in; the name says the role, or a resident's number.
import Provider from "oidc-provider";

const [, , port, redirect, client = "eropaf-board"] = process.argv;
const roles = { vera: { eropaf_role: "lead", eropaf_areas: ["*"] }, sam: { eropaf_role: "outreach", eropaf_areas: ["1102"] }, amira: { eropaf_role: "auditor", eropaf_areas: "*" }, olaf: { eropaf_role: "operator" }, mallory: { eropaf_role: "admin" }, stranger: {}, daan: { bsn: "123456782" } };

const provider = new Provider(`http://127.0.0.1:${port}`, {
  clients: [{ client_id: client, client_secret: "a secret of the tests", redirect_uris: [redirect] }],
  acrValues: ["substantial"],
  claims: { openid: ["sub", "bsn"], profile: ["name", "eropaf_role", "eropaf_areas"] },
  conformIdTokenClaims: false,
  cookies: { keys: ["of the tests"] },
  findAccount: (_, id) => ({ accountId: id, claims: () => ({ sub: id, name: id, ...roles[id] }) }),
});
// Whoever logs in here does so at one level of assurance.
const finished = provider.interactionFinished.bind(provider);
provider.interactionFinished = (request, response, result, options) => {
  const assured = result.login ? { ...result, login: { ...result.login, acr: "substantial" } } : result;
  return finished(request, response, assured, options);
};
provider.listen(Number(port), "127.0.0.1", () => console.log("listening"));
