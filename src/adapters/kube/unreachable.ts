import { Failure } from '../../core/failure.ts';
import type { NoAnswer } from './exchange.ts';
import type { Server } from './refusals.ts';

/** Codes of a certificate that is not taken. Source: https://nodejs.org/api/tls.html#x509-certificate-error-codes */
const CERTIFICATE = /CERT|ERR_TLS|ERR_SSL|SELF_SIGNED|UNABLE_TO_(VERIFY|GET_ISSUER)|EPROTO/;

/** Would the same request fail for good? Certificates do not mend themselves within a command. */
export function isLasting({ code }: NoAnswer): boolean {
  return CERTIFICATE.test(code);
}

/** The failure for a server that gives no answer. */
export function unreachable(problem: NoAnswer, server: Server): Failure {
  return new Failure('ClusterUnreachable', `no answer from the API server ${server.url} (context ${server.context})`, {
    seen: `${problem.code}: ${problem.message}`,
    causes: causesOf(problem),
    next: [`kubectl --context ${server.context} cluster-info`, 'kubectl config get-contexts'],
    cause: problem,
  });
}

function causesOf(problem: NoAnswer): string[] {
  const { code } = problem;
  if (isLasting(problem)) {
    return [
      'the cluster was made anew and the kubeconfig has the certificate authority of the old one',
      'a proxy answers with a certificate of its own',
    ];
  }
  if (code === 'ECONNREFUSED')
    return ['the cluster is not running', 'the kubeconfig has an old port', 'a tunnel or port-forward has ended'];
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN')
    return ['the VPN is not connected', 'the name of the server is out of date', 'there is no network'];
  if (code === 'TimeoutError' || code === 'ETIMEDOUT' || code === 'EHOSTUNREACH' || code === 'ENETUNREACH') {
    return ['a firewall or a VPN that is not connected', 'the API server is overloaded'];
  }
  return ['the API server is being restarted', 'a proxy or load balancer closes the connection'];
}
