//! Six people who work in the demonstration's contact center.

use serde_json::json;

use super::seed::Seeder;

struct Person {
    name: &'static str,
    email: &'static str,
    roles: &'static [&'static str],
    /// Skill and level.
    skills: &'static [(&'static str, u32)],
    activity: &'static str,
}

const PEOPLE: [Person; 6] = [
    Person {
        name: "Ana Silva",
        email: "ana.silva@example.com",
        roles: &["agent"],
        skills: &[("sales", 5), ("portuguese", 5), ("english", 4)],
        activity: "Available",
    },
    Person {
        name: "Bilal Khan",
        email: "bilal.khan@example.com",
        roles: &["agent"],
        skills: &[("support", 4), ("technical", 5), ("english", 5)],
        activity: "Available",
    },
    Person {
        name: "Chloé Martin",
        email: "chloe.martin@example.com",
        roles: &["agent"],
        skills: &[("support", 3), ("billing", 4), ("french", 5)],
        activity: "Break",
    },
    Person {
        name: "Dieter Vogel",
        email: "dieter.vogel@example.com",
        roles: &["agent"],
        skills: &[("billing", 5), ("german", 5), ("english", 3)],
        activity: "Offline",
    },
    Person {
        name: "Emi Tanaka",
        email: "emi.tanaka@example.com",
        roles: &["agent"],
        skills: &[("sales", 3), ("support", 2), ("english", 5)],
        activity: "Offline",
    },
    Person {
        name: "Farah Haddad",
        email: "farah.haddad@example.com",
        roles: &["supervisor", "agent"],
        skills: &[("sales", 4), ("support", 5), ("escalations", 5), ("english", 5)],
        activity: "Unavailable",
    },
];

/// Adds them.
pub(super) fn add_workers(seeder: &mut Seeder<'_>) {
    for person in PEOPLE {
        // Flex names workers and their clients by the address: `a@b.c` is `a_40b_2Ec`.
        let identity = person.email.replace('@', "_40").replace('.', "_2E");
        let skills: Vec<&str> = person.skills.iter().map(|(skill, _)| *skill).collect();
        let levels: serde_json::Map<_, _> = person
            .skills
            .iter()
            .map(|(skill, level)| ((*skill).to_owned(), json!(level)))
            .collect();
        let attributes = json!({
            "contact_uri": format!("client:{identity}"),
            "email": person.email,
            "full_name": person.name,
            "roles": person.roles,
            "routing": { "skills": skills, "levels": levels },
        });
        let sid = seeder.worker(person.email, &attributes.to_string());
        seeder.set_activity(&sid, person.activity);
    }
}
