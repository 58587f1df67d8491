// A certified OpenID provider on this machine: `node provider.js PORT REDIRECT_URI`. Any name logs in; the name says the role.
import Provider from "oidc-provider";

const [, , port, redirect] = process.argv;
const roles = { vera: { eropaf_role: "lead", eropaf_areas: ["*"] }, sam: { eropaf_role: "outreach", eropaf_areas: ["1102"] }, amira: { eropaf_role: "auditor", eropaf_areas: "*" }, olaf: { eropaf_role: "operator" }, mallory: { eropaf_role: "admin" }, stranger: {} };

const provider = new Provider(`http://127.0.0.1:${port}`, {
  clients: [{ client_id: "eropaf-board", client_secret: "a secret of the tests", redirect_uris: [redirect] }],
  claims: { openid: ["sub"], profile: ["name", "eropaf_role", "eropaf_areas"] },
  conformIdTokenClaims: false,
  cookies: { keys: ["of the tests"] },
  findAccount: (_, id) => ({ accountId: id, claims: () => ({ sub: id, name: id, ...roles[id] }) }),
});
provider.listen(Number(port), "127.0.0.1", () => console.log("listening"));
