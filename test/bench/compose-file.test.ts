import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { composeFile } from '../../bench/script/compose-file.ts';
import { containerRequests, NETWORK } from '../../testbed/n3xus/container-request.ts';

const images = { service: { v1: 's:1', v2: 's:2' }, nginx: { v1: 'n:1', v2: 'n:2' }, postgres: 'p:15', redis: 'r:7' };
const blueprint = { images, release: 'v1' as const, faults: '', directory: '/n3xus', port: 8080, subnet: '10.1.2' };
type Service = Readonly<Record<string, unknown>>;
const services = (requests = containerRequests({ ...blueprint, project: 'nexus' })): Record<string, Service> =>
  (composeFile(requests, NETWORK) as { services: Record<string, Service> }).services;

describe('the compose file of the platform', () => {
  it('has every container, with what its request says', () => {
    const all = services();
    assert.equal(Object.keys(all).length, 27);
    const { 'ledger-mgr': ledger, 'avatar-ms': avatar, postgres, nginx } = all;
    assert.equal(ledger?.['image'], 's:1');
    assert.equal(ledger?.['mem_limit'], 160 * 1_048_576);
    assert.deepEqual(ledger?.['volumes'], ['/n3xus/control:/etc/nexus/control:ro', 'ledger-data:/var/lib/nexus']);
    assert.deepEqual(
      [avatar?.['cap_drop'], avatar?.['read_only'], avatar?.['tmpfs']],
      [['ALL'], true, ['/tmp:size=4m']],
    );
    assert.deepEqual(postgres?.['networks'], { nexus: { aliases: ['db'], ipv4_address: '10.1.2.200' } });
    assert.deepEqual(nginx?.['ports'], ['127.0.0.1:8080:8080']);
    assert.equal(postgres?.['stop_grace_period'], '30s');
  });

  it('leaves to Compose the labels that are its own', () => {
    const labels = Object.values(services()).flatMap(service => Object.keys(service['labels'] as object));
    assert.ok(labels.includes('com.nexus.tier'));
    assert.deepEqual(
      labels.filter(label => label.startsWith('com.docker.compose.')),
      [],
    );
  });

  it('is not made of a request with a setting that it would lose', () => {
    const [first, ...rest] = containerRequests(blueprint);
    const strange = { ...first!, HostConfig: { ...first!.HostConfig, ExtraHosts: ['a:10.0.0.1'] } };
    assert.throws(() => services([strange, ...rest]), /postgres: ExtraHosts: the compose file does not say it yet/);
  });

  it('gives a dollar to the container, not to Compose', () => {
    const [first] = containerRequests(blueprint);
    assert.deepEqual(services([{ ...first!, Env: ['PRICE=$5'] }])['postgres']?.['environment'], ['PRICE=$$5']);
  });
});
