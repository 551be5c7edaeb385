//! Pages, tokens and filters of lists.

use flexctl::emulator::Options;

use super::Api;

fn with_queues(count: usize) -> Api {
    let api = Api::new();
    api.emulator.seed(|seeder| {
        for number in 0..count {
            seeder.queue(&format!("Queue {number:04}"), "1==1");
        }
    });
    api
}

/// Follows `next_page_url` to the end.
fn all_pages(api: &Api, first: &str) -> Vec<Vec<String>> {
    let mut pages = Vec::new();
    let mut next = Some(first.to_owned());
    while let Some(path) = next {
        let reply = api.get(&path);
        assert_eq!(reply.status, 200, "{}", reply.body);
        assert_eq!(reply.body["meta"]["page"], pages.len());
        pages.push(reply.column("friendly_name"));
        next = reply.body["meta"]["next_page_url"].as_str().map(str::to_owned);
    }
    pages
}

#[test]
fn pages_hold_fifty_unless_asked_otherwise() {
    let api = with_queues(119);
    let pages = all_pages(&api, &api.at("TaskQueues"));
    assert_eq!(pages.iter().map(Vec::len).collect::<Vec<_>>(), [50, 50, 20]);
    let pages = all_pages(&api, &api.at("TaskQueues?PageSize=40"));
    assert_eq!(pages.iter().map(Vec::len).collect::<Vec<_>>(), [40, 40, 40]);
}

#[test]
fn following_the_addresses_gives_everything_once_in_order_of_creation() {
    let api = with_queues(25);
    let names = all_pages(&api, &api.at("TaskQueues?PageSize=4")).concat();
    let mut expected = vec!["Everyone".to_owned()];
    expected.extend((0..25).map(|number| format!("Queue {number:04}")));
    assert_eq!(names, expected);
}

#[test]
fn the_way_back_is_the_way_there() {
    let api = with_queues(11);
    let first = api.get(&api.at("TaskQueues?PageSize=5"));
    assert!(first.body["meta"]["previous_page_url"].is_null());
    let second = api.get(first.body["meta"]["next_page_url"].as_str().unwrap());
    let third = api.get(second.body["meta"]["next_page_url"].as_str().unwrap());
    assert!(third.body["meta"]["next_page_url"].is_null());
    let back = api.get(third.body["meta"]["previous_page_url"].as_str().unwrap());
    assert_eq!(back.column("sid"), second.column("sid"));
    assert_eq!(back.body["meta"]["page"], 1);
    let start = api.get(back.body["meta"]["previous_page_url"].as_str().unwrap());
    assert_eq!(start.column("sid"), first.column("sid"));
    assert!(start.body["meta"]["previous_page_url"].is_null());
    assert_eq!(start.body["meta"]["next_page_url"], first.body["meta"]["next_page_url"]);
}

#[test]
fn a_page_asked_for_by_number_is_refused() {
    let api = with_queues(60);
    assert_eq!(api.get(&api.at("TaskQueues?PageSize=50&Page=1")).refusal(), (400, 40153));
    assert_eq!(api.get(&api.at("TaskQueues?PageSize=50&Page=0")).status, 200);
    for query in ["Page=one", "Page=-1", "PageToken=PA", "PageToken=hello", "PageToken=%ff%ff%ff"] {
        assert_eq!(api.get(&api.at(&format!("TaskQueues?{query}"))).refusal(), (400, 20001));
    }
}

#[test]
fn a_page_size_out_of_range_is_refused() {
    let api = Api::new();
    for size in ["0", "1001", "-1", "many", ""] {
        let reply = api.get(&api.at(&format!("Workers?PageSize={size}")));
        assert_eq!(reply.refusal(), (400, 20001), "{size}");
        assert_eq!(reply.message(), "Invalid PageSize.");
    }
    assert_eq!(api.get(&api.at("Workers?PageSize=1000")).status, 200);
    assert_eq!(api.get("/v1/Roles?PageSize=51").refusal(), (400, 20001));
    assert_eq!(api.get("/v1/Roles?PageSize=50").status, 200);
    assert_eq!(api.get("/v1/Services?PageSize=100").status, 200);
}

#[test]
fn what_is_listed_may_be_deleted_while_it_is_listed() {
    let api = with_queues(10);
    let mut next = Some(api.at("TaskQueues?PageSize=3&FriendlyName="));
    next = next.map(|path| path.replace("&FriendlyName=", ""));
    let mut deleted = 0;
    while let Some(path) = next {
        let page = api.get(&path);
        for (sid, name) in page.column("sid").iter().zip(page.column("friendly_name")) {
            if name != "Everyone" {
                assert_eq!(api.delete(&api.at(&format!("TaskQueues/{sid}"))).status, 204);
                deleted += 1;
            }
        }
        next = page.body["meta"]["next_page_url"].as_str().map(str::to_owned);
    }
    assert_eq!(deleted, 10);
}

#[test]
fn filters_are_echoed_in_every_address_before_the_page() {
    let api = Api::new();
    let path = api.at("Activities");
    let reply = api.get(&format!("{path}?PageSize=2&Available=false&Page=0"));
    let stem = format!("https://taskrouter.twilio.com{path}?Available=false&PageSize=2");
    let meta = &reply.body["meta"];
    assert_eq!(meta["first_page_url"], format!("{stem}&Page=0"));
    assert_eq!(meta["url"], format!("{stem}&Page=0"));
    assert_eq!(meta["key"], "activities");
    let last = reply.column("sid").pop().unwrap();
    assert_eq!(meta["next_page_url"], format!("{stem}&Page=1&PageToken=PA{last}"));
    assert_eq!(reply.column("friendly_name"), ["Unavailable", "Break"]);
}

#[test]
fn filtered_pages_hold_only_what_matches() {
    let api = Api::new();
    api.emulator.seed(|seeder| {
        for number in 0..30 {
            let team = if number % 3 == 0 { "red" } else { "blue" };
            seeder.worker(&format!("w{number:02}"), &format!(r#"{{"team":"{team}"}}"#));
        }
    });
    let path = "Workers?PageSize=4&TargetWorkersExpression=team%20%3D%3D%20'red'";
    let pages = all_pages(&api, &api.at(path));
    assert_eq!(pages.iter().map(Vec::len).collect::<Vec<_>>(), [4, 4, 2]);
    assert_eq!(pages.concat()[9], "w27");
}

#[test]
fn the_newest_come_first_when_asked() {
    let api = with_queues(5);
    let names = all_pages(&api, &api.at("TaskQueues?Ordering=DateCreated:desc&PageSize=2"));
    assert_eq!(names.concat()[..2], ["Queue 0004", "Queue 0003"]);
    assert_eq!(names.concat().len(), 6);
    assert_eq!(api.get(&api.at("TaskQueues?Ordering=Mood")).refusal(), (400, 20001));
    assert_eq!(api.get(&api.at("Activities?Ordering=Mood")).status, 200, "not a parameter there");
}

#[test]
fn requests_are_recorded_only_when_wanted() {
    let api = Api::new();
    api.get(&api.at("TaskQueues?PageSize=7"));
    let requests = api.emulator.requests();
    assert_eq!(requests.len(), 1);
    assert_eq!((requests[0].method.as_str(), requests[0].status), ("GET", 200));
    assert_eq!(requests[0].path, api.at("TaskQueues"));
    assert_eq!(requests[0].query, "PageSize=7");
    api.emulator.forget_requests();
    assert!(api.emulator.requests().is_empty());

    let api = Api::with(Options::default());
    api.get(&api.at("TaskQueues"));
    assert!(api.emulator.requests().is_empty());
}

#[test]
fn many_workers_are_read_a_thousand_at_a_time() {
    let api = Api::new();
    api.emulator.seed(|seeder| {
        for number in 0..2_500 {
            seeder.worker(&format!("worker-{number}"), r#"{"routing":{"skills":["sales"]}}"#);
        }
    });
    let pages = all_pages(&api, &api.at("Workers?PageSize=1000&TaskQueueName=Everyone"));
    assert_eq!(pages.iter().map(Vec::len).collect::<Vec<_>>(), [1000, 1000, 500]);
    assert_eq!(api.emulator.requests().len(), 3);
}
