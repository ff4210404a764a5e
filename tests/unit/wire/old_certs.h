/* old_certs.h -- a key, and two certificates of it by itself: of January 2020,
 * and of the year 2899.  Of no use but for tests.
 */
#ifndef TESTS_WIRE_OLD_CERTS_H
#define TESTS_WIRE_OLD_CERTS_H

static const char cert_expired[] =
    "-----BEGIN CERTIFICATE-----\n"
    "MIIBOzCB4qADAgECAgEBMAoGCCqGSM49BAMCMA8xDTALBgNVBAMMBGdvbmUwHhcN\n"
    "MjAwMTAxMDAwMDAwWhcNMjAwMjAxMDAwMDAwWjAPMQ0wCwYDVQQDDARnb25lMFkw\n"
    "EwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEL7E6pGEL3Lk/rO6gL8ZzuT+13sxZiSZk\n"
    "AoMnAxdGuva15bTSJ0qUbvP1JNeeJBa4j/a/olQKxTV+qvF75IOgN6MvMC0wDAYD\n"
    "VR0TBAUwAwEB/zAdBgNVHQ4EFgQUgRWFHzSIJt4OMi5RbDxgDk64NXcwCgYIKoZI\n"
    "zj0EAwIDSAAwRQIgZ/a1oPfm9i1aB76/IzbaSDVprv1sbgNijfC0kChJrfACIQD3\n"
    "tVHTTaCnRI+sNNMtT5WUfErTAemFtYezynQ1MdREAA==\n"
    "-----END CERTIFICATE-----\n";

static const char cert_too_early[] =
    "-----BEGIN CERTIFICATE-----\n"
    "MIIBQDCB5qADAgECAgECMAoGCCqGSM49BAMCMA8xDTALBgNVBAMMBGdvbmUwIhgP\n"
    "Mjg5OTAxMDEwMDAwMDBaGA8yOTAwMDEwMTAwMDAwMFowDzENMAsGA1UEAwwEZ29u\n"
    "ZTBZMBMGByqGSM49AgEGCCqGSM49AwEHA0IABC+xOqRhC9y5P6zuoC/Gc7k/td7M\n"
    "WYkmZAKDJwMXRrr2teW00idKlG7z9STXniQWuI/2v6JUCsU1fqrxe+SDoDejLzAt\n"
    "MAwGA1UdEwQFMAMBAf8wHQYDVR0OBBYEFIEVhR80iCbeDjIuUWw8YA5OuDV3MAoG\n"
    "CCqGSM49BAMCA0kAMEYCIQD9lNFdbWoHkg/rv1aRL6Q5ipYzYDQcavbT4mxyU46K\n"
    "jwIhAKPrfPtl9oM7Y/+pAK0xCgozDDsIcnSm63fpT90S5zyM\n"
    "-----END CERTIFICATE-----\n";

static const char cert_key[] =
    "-----BEGIN PRIVATE KEY-----\n"
    "MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQggAisGvwf8UUkcCVo\n"
    "a49dNaCAEO2Ge/94oT6V+upIGeGhRANCAAQvsTqkYQvcuT+s7qAvxnO5P7XezFmJ\n"
    "JmQCgycDF0a69rXltNInSpRu8/Uk154kFriP9r+iVArFNX6q8Xvkg6A3\n"
    "-----END PRIVATE KEY-----\n";

#endif
