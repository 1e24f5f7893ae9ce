package garage.s3api;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import garage.common.metrics.Metrics;
import garage.common.metrics.MetricsText;
import garage.http.HttpHandler;
import garage.s3api.S3World.Reply;
import garage.s3api.web.WebSettings;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Buckets as web sites: what browsers see of a configuration that was put through S3. */
class WebSitesTest {
  private static final String HOST = "bkt.web.test:3903";
  private static final String PAGES =
      "<IndexDocument><Suffix>index.html</Suffix></IndexDocument>"
          + "<ErrorDocument><Key>oops.html</Key></ErrorDocument>";

  private final Metrics metrics = new Metrics();

  /** A site with two folders and pages. */
  private record Site(S3World world, HttpHandler web) {
    Reply get(String target, String... headers) {
      return world.visit(web, "GET", HOST, target, headers);
    }

    void configure(String elements) {
      assertEquals(200, world.put("/bkt?website", document(elements)).status());
    }
  }

  private static byte[] document(String elements) {
    return ("<WebsiteConfiguration>" + elements + "</WebsiteConfiguration>").getBytes(UTF_8);
  }

  private void run(Consumer<Site> test) {
    S3World.run(world -> {
      HttpHandler web = world.service.webSites(new WebSettings(".web.test", true, "n"), metrics);
      Site site = new Site(world, web);
      for (String key : new String[] {"index.html", "docs/index.html", "docs/a", "a b"}) {
        byte[] body = key.getBytes(UTF_8);
        String target = "/bkt/" + key.replace(" ", "%20");
        assertEquals(200, world.put(target, body, "Content-Type", "text/html").status());
      }
      test.accept(site);
    });
  }

  @Test
  void aBucketIsServedOnlyWhileItIsASite() {
    run(site -> {
      Reply closed = site.get("/index.html");
      assertEquals(404, closed.status());
      assertEquals("NoSuchWebsiteConfiguration", closed.header("x-amz-error-code"));
      site.configure(PAGES);
      Reply open = site.get("/index.html?x-amz-server-side-encryption-customer-key=1");
      assertEquals(200, open.status());
      assertEquals("index.html", open.text());
      assertEquals("text/html", open.header("Content-Type"));
      assertEquals(204, site.world().send("DELETE", "/bkt?website").status());
      assertEquals(404, site.get("/index.html").status());
    });
  }

  @ParameterizedTest
  @CsvSource({"/,index.html", "/docs/,docs/index.html", "/docs/a,docs/a", "/a%20b,a b"})
  void foldersShowTheirIndex(String target, String key) {
    run(site -> {
      site.configure(PAGES);
      assertEquals(key, site.get(target).text());
      Reply head = site.world().visit(site.web(), "HEAD", HOST, target);
      assertEquals(200, head.status());
      assertEquals("" + key.length(), head.header("Content-Length"));
    });
  }

  @Test
  void aFolderWithoutItsSlashIsRedirectedToOnThisHost() {
    run(site -> {
      site.configure(PAGES);
      assertEquals(302, site.get("/docs").status());
      assertEquals("/docs/", site.get("/docs").header("Location"));
      site.world().put("/bkt//evil.test/index.html", new byte[1]);
      Reply reply = site.get("//evil.test");
      assertEquals(302, reply.status());
      assertEquals("/%2Fevil.test/", reply.header("Location"));
    });
  }

  @Test
  void whatIsMissingShowsTheSitesOwnPageOrOursWithoutMarkup() {
    run(site -> {
      site.configure(PAGES);
      Reply ours = site.get("/%3Cscript%3Ealert(1)%3C/script%3E");
      assertEquals(404, ours.status());
      assertFalse(ours.text().contains("<script"), ours.text());
      assertTrue(ours.text().contains("<li>Key: &lt;script&gt;alert(1)&lt;/script&gt;</li>"));
      assertTrue(ours.text().contains("Custom Error Document"));
      site.world().put("/bkt/oops.html", "oops".getBytes(UTF_8), "Content-Type", "text/html");
      Reply own = site.get("/none", "Range", "bytes=0-0", "If-None-Match", "*");
      assertEquals(404, own.status());
      assertEquals("oops", own.text());
      assertEquals("NoSuchKey", own.header("x-amz-error-code"));
      assertEquals(404, site.world().visit(site.web(), "HEAD", HOST, "/none").status());
    });
  }

  @Test
  void whereVersionsAreKeptTheSiteShowsThePresentOnes() {
    run(site -> {
      site.configure(PAGES);
      S3World world = site.world();
      byte[] on =
          "<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>"
              .getBytes(UTF_8);
      assertEquals(200, world.put("/bkt?versioning", on).status());
      world.put("/bkt/oops.html", "oops".getBytes(UTF_8));
      world.put("/bkt/docs/a", "newer".getBytes(UTF_8));
      assertEquals("newer", site.get("/docs/a").text());
      String marker = world.send("DELETE", "/bkt/docs/a").header("x-amz-version-id");
      Reply gone = site.get("/docs/a");
      assertEquals(404, gone.status());
      assertEquals("oops", gone.text());
      assertEquals("NoSuchKey", gone.header("x-amz-error-code"));
      assertEquals(204, world.send("DELETE", "/bkt/docs/a?versionId=" + marker).status());
      assertEquals("newer", site.get("/docs/a").text());
      world.send("DELETE", "/bkt/docs/index.html");
      assertEquals(404, site.get("/docs/").status(), "a marker is no index document");
      assertEquals(404, site.get("/docs").status());
      world.send("DELETE", "/bkt/oops.html");
      assertTrue(site.get("/none").text().contains("Custom Error Document"));
    });
  }

  @Test
  void rangesAndConditionsCount() {
    run(site -> {
      site.configure(PAGES);
      assertEquals("ind", site.get("/", "Range", "bytes=0-2").text());
      Reply whole = site.get("/");
      String tag = whole.header("ETag");
      assertEquals(304, site.get("/", "If-None-Match", tag == null ? "" : tag).status());
      assertEquals(412, site.get("/", "If-Match", "\"x\"").status());
      assertEquals(416, site.get("/", "Range", "bytes=99-").status());
      byte[] large = S3World.random(300_000, 1);
      site.world().put("/bkt/large", large);
      assertArrayEquals(large, site.get("/large").body());
    });
  }

  @Test
  void rulesSendTheirRequestsElsewhere() {
    run(site -> {
      site.configure(
          PAGES
              + "<RoutingRules><RoutingRule><Condition><KeyPrefixEquals>old/</KeyPrefixEquals>"
              + "</Condition><Redirect><ReplaceKeyPrefixWith>docs/</ReplaceKeyPrefixWith>"
              + "</Redirect></RoutingRule><RoutingRule><Condition>"
              + "<HttpErrorCodeReturnedEquals>404</HttpErrorCodeReturnedEquals></Condition>"
              + "<Redirect><HostName>other.test</HostName><Protocol>https</Protocol>"
              + "<HttpRedirectCode>307</HttpRedirectCode></Redirect></RoutingRule>"
              + "</RoutingRules>");
      Reply before = site.get("/old/a%20b");
      assertEquals(301, before.status());
      assertEquals("/docs/a%20b", before.header("Location"));
      Reply after = site.get("/none%0d%0aSet-Cookie:x");
      assertEquals(307, after.status());
      assertEquals("https://other.test/none%0D%0ASet-Cookie%3Ax", after.header("Location"));
      assertEquals(200, site.get("/docs/a").status());
      assertEquals(2, site.world().send("GET", "/bkt?website").count("RoutingRule"));
    });
  }

  @Test
  void aWholeSiteMayBeElsewhere() {
    run(site -> {
      site.configure(
          "<RedirectAllRequestsTo><HostName>new.test</HostName></RedirectAllRequestsTo>");
      Reply reply = site.get("/a?b=c");
      assertEquals(301, reply.status());
      assertEquals("http://new.test/a?b=c", reply.header("Location"));
      assertEquals(
          "https://new.test/", site.get("/", "X-Forwarded-Proto", "https").header("Location"));
    });
  }

  @Test
  void anObjectMaySendElsewhereAndItsCopyDoesNot() {
    run(site -> {
      site.configure(PAGES);
      String header = "x-amz-website-redirect-location";
      assertEquals(200, site.world().put("/bkt/go", new byte[9], header, "/docs/").status());
      assertEquals("/docs/", site.world().send("HEAD", "/bkt/go").header(header));
      Reply reply = site.get("/go");
      assertEquals(301, reply.status());
      assertEquals("/docs/", reply.header("Location"));
      site.world().put("/bkt/copy", new byte[0], "x-amz-copy-source", "/bkt/go");
      assertNull(site.world().send("HEAD", "/bkt/copy").header(header));
      site.world().put("/bkt/go", new byte[0], "x-amz-copy-source", "/bkt/go", header, "/x");
      assertEquals("/x", site.world().send("HEAD", "/bkt/go").header(header));
    });
  }

  @Test
  void aDomainThatIsABucketsNameIsItsSite() {
    run(site -> {
      assertEquals(200, site.world().send("PUT", "/www.example.org").status());
      site.world().put("/www.example.org/i", "whole".getBytes(UTF_8));
      String index = "<IndexDocument><Suffix>i</Suffix></IndexDocument>";
      site.world().put("/www.example.org?website", document(index));
      Reply reply = site.world().visit(site.web(), "GET", "WWW.example.org", "/");
      assertEquals("whole", reply.text());
      Reply none = site.world().visit(site.web(), "GET", "none.example.org", "/");
      assertEquals("NoSuchBucket", none.header("x-amz-error-code"));
    });
  }

  @Test
  void whatThePolicyDeniesIsNotShown() {
    run(site -> {
      site.configure(PAGES);
      String policy =
          """
          {"Version": "2012-10-17", "Statement": [{"Effect": "Deny", "Principal": "*",
           "Action": "s3:GetObject", "Resource": "arn:aws:s3:::bkt/docs/*"}]}
          """;
      assertEquals(204, site.world().put("/bkt?policy", policy.getBytes(UTF_8)).status());
      assertEquals(403, site.get("/docs/a").status());
      assertEquals(200, site.get("/").status());
    });
  }

  @Test
  void pagesOfOtherOriginsAndMethodsAreAnsweredAsConfigured() {
    run(site -> {
      site.configure(PAGES);
      Reply post = site.world().visit(site.web(), "POST", HOST, "/");
      assertEquals(405, post.status());
      assertEquals("GET, HEAD, OPTIONS", post.header("Allow"));
      byte[] cors =
          ("<CORSConfiguration><CORSRule><AllowedOrigin>http://a.test</AllowedOrigin>"
                  + "<AllowedMethod>GET</AllowedMethod></CORSRule></CORSConfiguration>")
              .getBytes(UTF_8);
      assertEquals(200, site.world().put("/bkt?cors", cors).status());
      Reply reply = site.get("/", "Origin", "http://a.test");
      assertEquals("http://a.test", reply.header("Access-Control-Allow-Origin"));
      String[] asked = {"Origin", "http://a.test", "Access-Control-Request-Method", "GET"};
      assertEquals(200, site.world().visit(site.web(), "OPTIONS", HOST, "/", asked).status());
      asked[1] = "http://b.test";
      assertEquals(403, site.world().visit(site.web(), "OPTIONS", HOST, "/", asked).status());
    });
  }

  @Test
  void requestsAreCountedByMethodAndSite() {
    run(site -> {
      site.configure(PAGES);
      site.get("/");
      site.world().visit(site.web(), "EVIL", "none.test", "/");
      MetricsText text = new MetricsText();
      metrics.writeTo(text);
      String all = text.toString();
      assertTrue(all.contains("web_request_counter{method=\"GET\",host=\"bkt\"} 1"), all);
      assertTrue(
          all.contains("web_error_counter{method=\"other\",status_code=\"404\",host=\"\"} 1"), all);
    });
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "InvalidArgument | <ErrorDocument><Key>k</Key></ErrorDocument>",
        "InvalidArgument | <IndexDocument><Suffix>a/b</Suffix></IndexDocument>",
        "InvalidArgument | <RedirectAllRequestsTo><HostName>h</HostName></RedirectAllRequestsTo>"
            + "<IndexDocument><Suffix>i</Suffix></IndexDocument>",
        "MalformedXML | <RedirectAllRequestsTo><Protocol>http</Protocol></RedirectAllRequestsTo>",
        "MalformedXML | <IndexDocument><Suffix>i</Suffix></IndexDocument><ErrorDocument/>",
        "MalformedXML | <IndexDocument><Suffix>i</Suffix></IndexDocument><RoutingRules/>",
        "InvalidRequest | <IndexDocument><Suffix>i</Suffix></IndexDocument><RoutingRules>"
            + "<RoutingRule><Redirect><HttpRedirectCode>200</HttpRedirectCode></Redirect>"
            + "</RoutingRule></RoutingRules>",
        "InvalidRequest | <IndexDocument><Suffix>i</Suffix></IndexDocument><RoutingRules>"
            + "<RoutingRule><Condition/><Redirect><HostName>h</HostName></Redirect>"
            + "</RoutingRule></RoutingRules>",
        "InvalidRequest | <RedirectAllRequestsTo><HostName>h</HostName>"
            + "<Protocol>ftp</Protocol></RedirectAllRequestsTo>",
      })
  void configurationsThatMeanNothingAreRefused(String code, String elements) {
    S3World.run(
        world -> assertEquals(code, world.put("/bkt?website", document(elements)).element("Code")));
  }
}
