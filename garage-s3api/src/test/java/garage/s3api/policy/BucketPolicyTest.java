package garage.s3api.policy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import garage.s3api.error.S3ErrorCode;
import garage.s3api.error.S3Exception;
import garage.s3api.policy.BucketPolicy.Decision;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class BucketPolicyTest {
  private static final String OWNER_ID = "c0ffee".repeat(10) + "1234";
  private static final Identity ALICE = new Identity.Account("GKalice", OWNER_ID);
  private static final Identity BOB = new Identity.Account("GKbob", "b0b".repeat(21) + "1");
  private static final Identity NOBODY = new Identity.Anonymous();

  private static final String ALLOW_READ =
      """
      "Effect":"Allow","Principal":"*","Action":"s3:GetObject","Resource":"arn:aws:s3:::b/*\"\
      """;

  private static BucketPolicy policy(String... statements) {
    return PolicyParser.parse(
        "{\"Version\":\"2012-10-17\",\"Statement\":[{" + String.join("},{", statements) + "}]}",
        "b");
  }

  private static PolicyContext read(Identity who, Map<String, List<String>> keys) {
    return new PolicyContext(
        who,
        "s3:GetObject",
        PolicyContext.arn("b", "logs/2026/a.txt"),
        key -> keys.getOrDefault(key, List.of()));
  }

  private static PolicyContext read(Identity who) {
    return read(who, Map.of());
  }

  private static Decision conditional(String condition, Map<String, List<String>> keys) {
    return policy(ALLOW_READ + ",\"Condition\":" + condition).decide(read(NOBODY, keys));
  }

  @Test
  void silentWhereNoStatementApplies() {
    BucketPolicy policy = policy(ALLOW_READ);
    PolicyContext put =
        new PolicyContext(ALICE, "s3:PutObject", PolicyContext.arn("b", "x"), _ -> List.of());
    assertEquals(Decision.SILENT, policy.decide(put));
  }

  @Test
  void allowsEverybodyWhereThePrincipalIsAnAsterisk() {
    assertEquals(Decision.ALLOWED, policy(ALLOW_READ).decide(read(NOBODY)));
    assertEquals(Decision.ALLOWED, policy(ALLOW_READ).decide(read(ALICE)));
  }

  /** Put in wherever it is named, it would be more than any memory. */
  @Test
  void aVariableThatIsNamedOftenAndSaysMuchMatchesNothingAtOnce() {
    String often = "${s3:prefix}".repeat(1_500);
    BucketPolicy policy = policy(ALLOW_READ.replace("b/*", "b/*" + often));
    Map<String, List<String>> keys = Map.of("s3:prefix", List.of("p".repeat(4 << 20)));
    assertEquals(Decision.SILENT, policy.decide(read(NOBODY, keys)));
    keys = Map.of("s3:prefix", List.of(""));
    assertEquals(Decision.ALLOWED, policy.decide(read(NOBODY, keys)));
  }

  @Test
  void denialWinsWhateverTheOrder() {
    String deny = ALLOW_READ.replace("Allow", "Deny");
    assertEquals(Decision.DENIED, policy(ALLOW_READ, deny).decide(read(ALICE)));
    assertEquals(Decision.DENIED, policy(deny, ALLOW_READ).decide(read(ALICE)));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"AWS\":\"GKalice\"}",
        "{\"AWS\":[\"GKother\",\"arn:aws:iam::123456789012:user/GKalice\"]}",
        "{\"AWS\":\"arn:aws:iam::%s:root\"}",
        "{\"AWS\":\"arn:aws:iam:::user/%s\"}",
        "{\"CanonicalUser\":\"%s\"}"
      })
  void namesAnAccountInEveryForm(String principal) {
    BucketPolicy policy = policy(ALLOW_READ.replace("\"*\"", principal.replace("%s", OWNER_ID)));
    assertEquals(Decision.ALLOWED, policy.decide(read(ALICE)));
    assertEquals(Decision.SILENT, policy.decide(read(BOB)));
    assertEquals(Decision.SILENT, policy.decide(read(NOBODY)));
  }

  @Test
  void deniesAllButTheNamed() {
    BucketPolicy policy =
        policy(
            ALLOW_READ
                .replace("Allow", "Deny")
                .replace("\"Principal\":\"*\"", "\"NotPrincipal\":{\"AWS\":\"GKalice\"}"));
    assertEquals(Decision.SILENT, policy.decide(read(ALICE)));
    assertEquals(Decision.DENIED, policy.decide(read(BOB)));
    assertEquals(Decision.DENIED, policy.decide(read(NOBODY)));
  }

  @ParameterizedTest
  @CsvSource({
    "s3:GetObject, true",
    "s3:getobject, true",
    "s3:Get*, true",
    "*, true",
    "s3:*, true",
    "s3:GetObjec?, true",
    "s3:GetObjectAcl, false",
    "s3:Put*, false"
  })
  void matchesActionsWithWildcardsInAnyCase(String action, boolean matches) {
    BucketPolicy policy = policy(ALLOW_READ.replace("s3:GetObject", action));
    assertEquals(matches ? Decision.ALLOWED : Decision.SILENT, policy.decide(read(ALICE)));
  }

  @ParameterizedTest
  @CsvSource({
    "arn:aws:s3:::b/logs/*, true",
    "arn:aws:s3:::b/logs/????/a.txt, true",
    "arn:aws:s3:::b/*/*/a.txt, true",
    "arn:aws:s3:::*, true",
    "*, true",
    "arn:aws:s3:::b, false",
    "arn:aws:s3:::b/LOGS/*, false",
    "arn:aws:s3:::b/logs/???/a.txt, false"
  })
  void matchesResourcesWithWildcards(String resource, boolean matches) {
    BucketPolicy policy = policy(ALLOW_READ.replace("arn:aws:s3:::b/*", resource));
    assertEquals(matches ? Decision.ALLOWED : Decision.SILENT, policy.decide(read(ALICE)));
  }

  @Test
  void notActionAndNotResourceMeanAllOthers() {
    assertEquals(
        Decision.SILENT,
        policy(ALLOW_READ.replace("\"Action\"", "\"NotAction\"")).decide(read(ALICE)));
    assertEquals(
        Decision.ALLOWED,
        policy(ALLOW_READ.replace("\"Action\":\"s3:GetObject\"", "\"NotAction\":\"s3:PutObject\""))
            .decide(read(ALICE)));
    assertEquals(
        Decision.SILENT,
        policy(ALLOW_READ.replace("\"Resource\"", "\"NotResource\"")).decide(read(ALICE)));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          {"StringEquals":{"s3:prefix":"a"}}                        | a         | true
          {"StringEquals":{"s3:prefix":["b","a"]}}                  | a         | true
          {"StringEquals":{"s3:prefix":"A"}}                        | a         | false
          {"StringEquals":{"S3:Prefix":"a"}}                        | a         | true
          {"StringEquals":{"s3:prefix":"*"}}                        | a         | false
          {"StringEquals":{"s3:prefix":"*"}}                        | *         | true
          {"StringEqualsIgnoreCase":{"s3:prefix":"A"}}              | a         | true
          {"StringNotEquals":{"s3:prefix":["a","b"]}}               | a         | false
          {"StringNotEquals":{"s3:prefix":["a","b"]}}               | c         | true
          {"StringLike":{"s3:prefix":"h*/?"}}                       | home/x    | true
          {"StringNotLike":{"s3:prefix":"h*"}}                      | home/x    | false
          {"NumericLessThanEquals":{"s3:prefix":"10"}}              | 10        | true
          {"NumericLessThan":{"s3:prefix":10}}                      | 10        | false
          {"NumericEquals":{"s3:prefix":"10.0"}}                    | 10        | true
          {"NumericGreaterThan":{"s3:prefix":"10"}}                 | x         | false
          {"DateLessThan":{"s3:prefix":"2027-01-01T00:00:00Z"}}     | 2026-12-31T23:59:59Z | true
          {"DateGreaterThanEquals":{"s3:prefix":"2026-01-01"}}      | 1767225600 | true
          {"Bool":{"s3:prefix":"True"}}                             | true      | true
          {"Bool":{"s3:prefix":false}}                              | true      | false
          {"IpAddress":{"s3:prefix":"10.0.0.0/8"}}                  | 10.1.2.3  | true
          {"IpAddress":{"s3:prefix":"10.0.0.0/8"}}                  | 11.1.2.3  | false
          {"IpAddress":{"s3:prefix":"10.1.2.3"}}                    | ::ffff:10.1.2.3 | true
          {"NotIpAddress":{"s3:prefix":["10.0.0.0/8","::1/128"]}}   | ::1       | false
          {"NotIpAddress":{"s3:prefix":["10.0.0.0/8","::1/128"]}}   | ::2       | true
          {"IpAddress":{"s3:prefix":"2001:db8::/32"}}               | 2001:db8:1::5 | true
          {"ArnLike":{"s3:prefix":"arn:aws:s3:::x*"}}               | arn:aws:s3:::xy | true
          {"Null":{"s3:prefix":"true"}}                             | a         | false
          {"Null":{"s3:prefix":"false"}}                            | a         | true
          """)
  void comparesAsEachOperatorSays(String condition, String said, boolean holds) {
    assertEquals(
        holds ? Decision.ALLOWED : Decision.SILENT,
        conditional(condition, Map.of("s3:prefix", List.of(said))));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          {"StringEquals":{"s3:prefix":"a"}}              | false
          {"StringEqualsIfExists":{"s3:prefix":"a"}}      | true
          {"StringNotEquals":{"s3:prefix":"a"}}           | true
          {"NotIpAddress":{"aws:SourceIp":"10.0.0.0/8"}}  | true
          {"Null":{"s3:prefix":"true"}}                   | true
          {"ForAllValues:StringEquals":{"aws:TagKeys":"a"}} | true
          {"ForAnyValue:StringEquals":{"aws:TagKeys":"a"}}  | false
          {"ForAnyValue:StringEqualsIfExists":{"aws:TagKeys":"a"}} | false
          """)
  void absentKeysHoldOnlyWhereTheLanguageSaysSo(String condition, boolean holds) {
    assertEquals(holds ? Decision.ALLOWED : Decision.SILENT, conditional(condition, Map.of()));
  }

  @Test
  void quantifiersLookAtEveryValue() {
    Map<String, List<String>> both = Map.of("aws:tagkeys", List.of("a", "b"));
    assertEquals(
        Decision.SILENT,
        conditional("{\"ForAllValues:StringEquals\":{\"aws:TagKeys\":\"a\"}}", both));
    assertEquals(
        Decision.ALLOWED,
        conditional("{\"ForAnyValue:StringEquals\":{\"aws:TagKeys\":\"a\"}}", both));
    assertEquals(
        Decision.ALLOWED,
        conditional("{\"ForAnyValue:StringNotEquals\":{\"aws:TagKeys\":\"a\"}}", both));
    assertEquals(
        Decision.SILENT,
        conditional("{\"ForAllValues:StringNotEquals\":{\"aws:TagKeys\":\"a\"}}", both));
  }

  @Test
  void everyKeyOfEveryOperatorHasToHold() {
    String condition =
        "{\"StringEquals\":{\"s3:prefix\":\"a\",\"s3:delimiter\":\"/\"},\"Bool\":{\"aws:SecureTransport\":\"true\"}}";
    Map<String, List<String>> all =
        Map.of(
            "s3:prefix", List.of("a"),
            "s3:delimiter", List.of("/"),
            "aws:securetransport", List.of("true"));
    assertEquals(Decision.ALLOWED, conditional(condition, all));
    assertEquals(
        Decision.SILENT,
        conditional(condition, Map.of("s3:prefix", List.of("a"), "s3:delimiter", List.of("/"))));
  }

  @Test
  void variablesAreWhatTheRequestSaysAndLiteral() {
    BucketPolicy policy =
        policy(ALLOW_READ.replace("arn:aws:s3:::b/*", "arn:aws:s3:::b/${aws:username}/*"));
    assertEquals(
        Decision.ALLOWED, policy.decide(read(ALICE, Map.of("aws:username", List.of("logs")))));
    assertEquals(Decision.SILENT, policy.decide(read(ALICE, Map.of("aws:username", List.of("*")))));
    assertEquals(Decision.SILENT, policy.decide(read(ALICE)));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "[]",
        "{}",
        "{\"Statement\":[]}",
        "{\"Version\":\"2013-01-01\",\"Statement\":[{%s}]}",
        "{\"Statement\":[{%s}],\"Other\":1}",
        "{\"Statement\":[{%s,\"Other\":1}]}",
        "{\"Statement\":[{%s,\"Effect\":\"Deny\"}]}",
        "{\"Statement\":[{\"Effect\":\"Allow\"}]}",
        "{\"Statement\":[{\"Effect\":\"Maybe\",\"Principal\":\"*\",\"Action\":\"*\",\"Resource\":\"*\"}]}",
        "{\"Statement\":[{\"Effect\":\"Allow\",\"NotPrincipal\":\"*\",\"Action\":\"*\",\"Resource\":\"*\"}]}",
        "{\"Statement\":[{\"Effect\":\"Allow\",\"Principal\":\"joe\",\"Action\":\"*\",\"Resource\":\"*\"}]}",
        "{\"Statement\":[{\"Effect\":\"Allow\",\"Principal\":\"*\",\"Action\":\"ec2:Run\",\"Resource\":\"*\"}]}",
        "{\"Statement\":[{\"Effect\":\"Allow\",\"Principal\":\"*\",\"Action\":\"s3:Nope\",\"Resource\":\"*\"}]}",
        "{\"Statement\":[{\"Effect\":\"Allow\",\"Principal\":\"*\",\"Action\":[],\"Resource\":\"*\"}]}",
        "{\"Statement\":[{\"Effect\":\"Allow\",\"Principal\":\"*\",\"Action\":\"*\",\"Resource\":\"arn:aws:s3:::other/*\"}]}",
        "{\"Statement\":[{%s,\"Condition\":{\"StringMaybe\":{\"s3:prefix\":\"a\"}}}]}",
        "{\"Statement\":[{%s,\"Condition\":{\"StringEquals\":{\"s3:nope\":\"a\"}}}]}",
        "{\"Statement\":[{%s,\"Condition\":{\"NumericEquals\":{\"s3:max-keys\":\"a\"}}}]}",
        "{\"Statement\":[{%s,\"Condition\":{\"IpAddress\":{\"aws:SourceIp\":\"1.2.3.4/33\"}}}]}",
        "{\"Statement\":[{%s,\"Sid\":\"a\"},{%s,\"Sid\":\"a\"}]}",
        "{\"Statement\":[{%s}]} trailing"
      })
  void refusesWhatItWouldNotEnforce(String text) {
    S3Exception e =
        assertThrows(
            S3Exception.class, () -> PolicyParser.parse(text.replace("%s", ALLOW_READ), "b"));
    assertEquals(S3ErrorCode.MALFORMED_POLICY, e.error().code());
  }

  @Test
  void refusesMoreThanTwentyKibibytes() {
    String sid = "\"Sid\":\"" + "a".repeat(PolicyParser.BYTES_MAX) + "\"";
    assertThrows(S3Exception.class, () -> policy(ALLOW_READ + "," + sid));
  }

  @Test
  void keepsTheTextAsItWasPut() {
    String text = "{ \"Statement\" : {" + ALLOW_READ + "} }";
    assertEquals(text, PolicyParser.parse(text, "b").text());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          {"StringEquals":{"s3:prefix":"a"}}                  | true
          {"IpAddress":{"aws:SourceIp":"10.0.0.0/8"}}         | false
          {"IpAddress":{"aws:SourceIp":"0.0.0.0/1"}}          | true
          {"NotIpAddress":{"aws:SourceIp":"10.0.0.0/8"}}      | true
          {"StringEquals":{"aws:SourceVpc":"vpc-1"}}          | false
          {"StringLike":{"aws:SourceVpc":"vpc-*"}}            | true
          {"StringEqualsIfExists":{"aws:SourceVpc":"vpc-1"}}  | true
          """)
  void isPublicUnlessTiedToFixedPlaces(String condition, boolean isPublic) {
    assertEquals(isPublic, policy(ALLOW_READ + ",\"Condition\":" + condition).isPublic());
  }

  @Test
  void isNotPublicWhereOnlySomeAreAllowed() {
    assertTrue(policy(ALLOW_READ).isPublic());
    assertEquals(false, policy(ALLOW_READ.replace("\"*\"", "{\"AWS\":\"GKalice\"}")).isPublic());
    assertEquals(false, policy(ALLOW_READ.replace("Allow", "Deny")).isPublic());
  }
}
