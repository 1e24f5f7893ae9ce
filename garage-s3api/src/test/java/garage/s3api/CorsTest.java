package garage.s3api;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import garage.http.BodyStream;
import garage.http.Headers;
import garage.s3api.S3World.Reply;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Pages of other origins. */
class CorsTest {
  private static final byte[] NOTHING = new byte[0];

  private static String rule(String origins, String methods, String more) {
    StringBuilder rule = new StringBuilder("<CORSRule>");
    for (String origin : origins.split(" ", -1)) {
      rule.append("<AllowedOrigin>").append(origin).append("</AllowedOrigin>");
    }
    for (String method : methods.split(" ", -1)) {
      rule.append("<AllowedMethod>").append(method).append("</AllowedMethod>");
    }
    return rule.append(more).append("</CORSRule>").toString();
  }

  private static Reply put(S3World world, String... rules) {
    String text = "<CORSConfiguration>" + String.join("", rules) + "</CORSConfiguration>";
    return world.put("/bkt?cors", text.getBytes(UTF_8));
  }

  private static Reply options(S3World world, String... headers) {
    Headers all = Headers.of(headers).with("Host", "localhost");
    return world.deliver("OPTIONS", "/bkt/k", all, BodyStream.of(NOTHING), 0);
  }

  @ParameterizedTest
  @CsvSource({
    "foo.suffix, foo.suffix, GET",
    "startend, startend, GET",
    "start12end, start12end, GET",
    "0start12end, , ",
    "prefix.x, prefix.x, GET",
    "bla.prefix, , ",
    "star, , ",
  })
  void originsMatchWithOneAsterisk(String origin, String allowed, String methods) {
    S3World.run(world -> {
      put(world, rule("*.suffix start*end prefix*", "GET", ""), rule("*.put", "PUT", ""));
      Reply reply = world.send("GET", "/bkt", "Origin", origin);
      assertEquals(200, reply.status());
      assertEquals(allowed, reply.header("Access-Control-Allow-Origin"));
      assertEquals(methods, reply.header("Access-Control-Allow-Methods"));
    });
  }

  @Test
  void aRequestMayNameAnotherMethodThanItsOwn() {
    S3World.run(world -> {
      put(world, rule("http://a", "GET", ""));
      String named = "Access-Control-Request-Method";
      Reply put = world.put("/bkt/k", NOTHING, "Origin", "http://a");
      assertNull(put.header("Access-Control-Allow-Origin"));
      put = world.put("/bkt/k", NOTHING, "Origin", "http://a", named, "GET");
      assertEquals("http://a", put.header("Access-Control-Allow-Origin"));
    });
  }

  @Test
  void whereEveryOriginIsAllowedNoneIsNamed() {
    S3World.run(world -> {
      put(world, rule("*", "GET HEAD", "<ExposeHeader>ETag</ExposeHeader>"));
      Reply reply = world.send("GET", "/bkt", "Origin", "http://a");
      assertEquals("*", reply.header("Access-Control-Allow-Origin"));
      assertEquals("ETag", reply.header("Access-Control-Expose-Headers"));
      assertNull(reply.header("Access-Control-Allow-Credentials"));
      assertTrue(String.valueOf(reply.header("Vary")).startsWith("Origin"));
      assertNull(world.send("GET", "/bkt").header("Access-Control-Allow-Origin"));
      assertEquals(200, put(world, rule("http://a", "GET", "")).status());
      Reply named = world.send("GET", "/bkt", "Origin", "http://a");
      assertEquals("http://a", named.header("Access-Control-Allow-Origin"));
      assertEquals("true", named.header("Access-Control-Allow-Credentials"));
    });
  }

  @Test
  void pagesSeeErrorsToo() {
    S3World.run(world -> {
      put(world, rule("*", "GET", ""));
      Reply reply = world.send("GET", "/bkt/none", "Origin", "http://a");
      assertEquals(404, reply.status());
      assertEquals("*", reply.header("Access-Control-Allow-Origin"));
    });
  }

  @Test
  void aPreflightIsAnsweredWithoutASignature() {
    S3World.run(world -> {
      put(
          world,
          rule(
              "http://a",
              "PUT",
              "<AllowedHeader>x-amz-*</AllowedHeader><MaxAgeSeconds>60</MaxAgeSeconds>"));
      Reply reply =
          options(
              world,
              "Origin",
              "http://a",
              "Access-Control-Request-Method",
              "PUT",
              "Access-Control-Request-Headers",
              "X-Amz-Date, x-amz-meta-a");
      assertEquals(200, reply.status(), reply.text());
      assertEquals("http://a", reply.header("Access-Control-Allow-Origin"));
      assertEquals("x-amz-date, x-amz-meta-a", reply.header("Access-Control-Allow-Headers"));
      assertEquals("60", reply.header("Access-Control-Max-Age"));
    });
  }

  @ParameterizedTest
  @CsvSource({
    "http://b, PUT, x-amz-date, 403, AccessForbidden",
    "http://a, GET, x-amz-date, 403, AccessForbidden",
    "http://a, PUT, range, 403, AccessForbidden",
    "http://a, '', range, 400, BadRequest",
    "'', PUT, range, 400, BadRequest",
  })
  void aPreflightThatNoRuleAllowsIsRefused(
      String origin, String method, String headers, int status, String code) {
    S3World.run(world -> {
      put(world, rule("http://a", "PUT", "<AllowedHeader>x-amz-*</AllowedHeader>"));
      Reply reply =
          options(
              world,
              "Origin",
              origin,
              "Access-Control-Request-Method",
              method,
              "Access-Control-Request-Headers",
              headers);
      assertEquals(status, reply.status());
      assertEquals(code, reply.element("Code"));
      assertNull(reply.header("Access-Control-Allow-Origin"));
    });
  }

  @Test
  void withoutAConfigurationEveryPreflightIsRefused() {
    S3World.run(world -> {
      Reply reply = options(world, "Origin", "http://a", "Access-Control-Request-Method", "GET");
      assertEquals(403, reply.status());
      assertEquals("NoSuchCORSConfiguration", world.send("GET", "/bkt?cors").element("Code"));
    });
  }

  @Test
  void aConfigurationReadsBackAndIsTakenAway() {
    S3World.run(world -> {
      String rule =
          "<CORSRule><ID>one</ID><AllowedHeader>*</AllowedHeader><AllowedMethod>GET</AllowedMethod>"
              + "<AllowedOrigin>*</AllowedOrigin><ExposeHeader>ETag</ExposeHeader>"
              + "<MaxAgeSeconds>5</MaxAgeSeconds></CORSRule>";
      assertEquals(200, put(world, rule).status());
      assertTrue(world.send("GET", "/bkt?cors").text().contains(rule));
      assertEquals(204, world.send("DELETE", "/bkt?cors").status());
      assertEquals(404, world.send("GET", "/bkt?cors").status());
    });
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "<CORSRule><AllowedMethod>GET</AllowedMethod></CORSRule>",
        "<CORSRule><AllowedOrigin>*</AllowedOrigin></CORSRule>",
        "<CORSRule><AllowedOrigin>*</AllowedOrigin><AllowedMethod>PATCH</AllowedMethod></CORSRule>",
        "<CORSRule><AllowedOrigin>*.*</AllowedOrigin><AllowedMethod>GET</AllowedMethod></CORSRule>",
        "<CORSRule><AllowedOrigin>*</AllowedOrigin><AllowedMethod>GET</AllowedMethod>"
            + "<MaxAgeSeconds>x</MaxAgeSeconds></CORSRule>",
        "<CORSRule><AllowedOrigin>*</AllowedOrigin><AllowedMethod>GET</AllowedMethod>"
            + "<ExposeHeader>x-*</ExposeHeader></CORSRule>",
      })
  void whatIsNoConfigurationIsRefused(String rules) {
    S3World.run(world -> assertEquals(400, put(world, rules).status()));
  }
}
